"""How an engine's replies become facts: fetched in one module, read in the others, redacted on the way."""

from __future__ import annotations
