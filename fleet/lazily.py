"""Packages whose parts are loaded when somebody asks for them: no command should wait for what it does not use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazily(package: str, parts: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """What such a package has as its `__getattr__`: `parts` are its modules, each with the names that it gives.

    No module may bear a name that a part gives, as loading it would put itself in the name's place.
    """
    homes = {name: part for part, names in parts.items() for name in names}

    def found(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)  # so that it is looked for once
        return value

    return found
