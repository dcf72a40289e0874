"""The list of rules: whatever stands in the rules folder, in the order of the pillars."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from typing import cast

from fleet.own_code import version_of
from fleet.readiness import rules as rules_package
from fleet.readiness.rule import AnyRule, Rule
from fleet.readiness.vocabulary import Pillar, Scope, Severity


@cache
def rules() -> tuple[AnyRule, ...]:
    """Every rule once, by pillar, then severity, then slug. Raises TypeError when a module holds none or two."""
    modules = pkgutil.walk_packages(rules_package.__path__, f"{rules_package.__name__}.")
    found = [_rule_in(module.name) for module in modules if not module.ispkg]
    pillars, severities = list(Pillar), list(Severity)
    return tuple(sorted(found, key=lambda r: (pillars.index(r.pillar), severities.index(r.severity), r.slug)))


def _rule_in(module_name: str) -> AnyRule:
    module = importlib.import_module(module_name)
    classes = [
        member
        for member in vars(module).values()
        if inspect.isclass(member) and issubclass(member, Rule) and member.__module__ == module_name
    ]
    if len(classes) != 1:
        raise TypeError(f"{module_name} must define exactly one rule, it defines {len(classes)}")
    return cast("AnyRule", classes[0]())


@cache
def by_slug() -> dict[str, AnyRule]:
    """Rules by slug, former slugs included."""
    return {name: rule for rule in rules() for name in (rule.slug, *rule.formerly)}


@cache
def for_scope(scope: Scope) -> tuple[AnyRule, ...]:
    return tuple(rule for rule in rules() if rule.scope is scope)


def version() -> str:
    """Twelve hex digits that change with the code of any rule or of judgement; stored with each judgement."""
    return version_of(__file__)
