"""Having Python look for garbage less often in a process that sweeps or answers pages."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: Objects that came and have not gone since the last look. Nearly all of what is told of hosts is in no circle and goes
#: by itself; with 700, as is usual, looking through it again and again was a seventh of a first sweep.
_NEW_OBJECTS: Final = 100_000


def collect_seldom(new_objects: int = _NEW_OBJECTS) -> None:
    """From now on; and what is there already, which is modules and their like, is not looked through at all."""
    gc.freeze()
    gc.set_threshold(new_objects, *gc.get_threshold()[1:])


@contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded, of which none is garbage: what is there then is never looked through."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """The same for as long as this lasts."""
    usual = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
