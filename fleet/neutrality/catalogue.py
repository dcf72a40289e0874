"""The list of ties: whatever stands in the ties folder, the heaviest first."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from fleet.neutrality import ties as ties_package
from fleet.neutrality.tie import Tie
from fleet.neutrality.vocabulary import EFFORTS
from fleet.own_code import version_of


@cache
def ties() -> tuple[Tie, ...]:
    """Every tie once, the heaviest first, then by slug. Raises TypeError when a module holds none or two."""
    modules = pkgutil.iter_modules(ties_package.__path__, f"{ties_package.__name__}.")
    found = [_tie_in(module.name) for module in modules]
    return tuple(sorted(found, key=lambda tie: (-EFFORTS.index(tie.effort), tie.slug)))


def _tie_in(module_name: str) -> Tie:
    module = importlib.import_module(module_name)
    classes = [
        member
        for member in vars(module).values()
        if inspect.isclass(member) and issubclass(member, Tie) and member.__module__ == module_name
    ]
    if len(classes) != 1:
        raise TypeError(f"{module_name} must define exactly one tie, it defines {len(classes)}")
    return classes[0]()


@cache
def by_slug() -> dict[str, Tie]:
    return {tie.slug: tie for tie in ties()}


def version() -> str:
    """Twelve hex digits that change with the code of any tie; what is read of a service rests on it."""
    return version_of(__file__)
