"""Why a host could not be registered."""

from __future__ import annotations


class RegistrationError(Exception):
    """One sentence with the remedy. `field` is the name of what was wrong, the same in forms, CSV and API."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
