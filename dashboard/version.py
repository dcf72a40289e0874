"""Which Loadline this is."""

from __future__ import annotations

from typing import Final

#: The same as in pyproject.toml, which the image does not carry.
LOADLINE: Final = "0.1.0"
