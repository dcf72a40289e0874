"""What an admin entered and Loadline does not take."""

from __future__ import annotations


class ProvingError(Exception):
    """`str()` is one sentence with the remedy; it never holds a key or a password. `field` is what was wrong, the same
    in forms and in the API; empty when it is none of them.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
