"""What an admin entered and Loadline does not take."""

from __future__ import annotations


class ProvingError(Exception):
    """`str()` is one sentence with the remedy; it never holds a key or a password."""
