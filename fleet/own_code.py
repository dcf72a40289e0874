"""Which code worked an answer out: one that is stored is worked out again by another."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def version_of(module_file: str) -> str:
    """Twelve hex digits that change with any module of the folder in which that one (its `__file__`) stands."""
    digest = hashlib.sha256()
    for path in sorted(Path(module_file).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
