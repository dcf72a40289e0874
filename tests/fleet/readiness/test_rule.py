from __future__ import annotations

import pytest

from fleet.readiness.findings import passed
from fleet.readiness.rule import (
    EVERYWHERE,
    PRODUCTION_AND_STAGING,
    PRODUCTION_ONLY,
    ContainerRule,
    HostRule,
    ImageRule,
    NetworkRule,
    Rule,
    ServiceRule,
    VolumeRule,
)
from fleet.readiness.vocabulary import Pillar, Scope, Stage
from tests.builders import container_subject
from tests.fleet.readiness.made_up import rule_class


@pytest.mark.parametrize("name", ["title", "good", "catalogue", "severity", "facts", "remedy"])
def test_a_rule_that_lacks_an_attribute_cannot_be_imported(name: str) -> None:
    with pytest.raises(TypeError, match=rf"made_up\.MadeUp lacks {name}"):
        rule_class(without=name)


def test_a_rule_without_documentation_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="the docstring needs the headings"):
        rule_class(documentation="Something is wrong.")


def test_a_rule_outside_the_pillars_folders_cannot_be_imported() -> None:
    with pytest.raises(ValueError, match="cosmetics"):
        rule_class(module="fleet.readiness.rules.cosmetics.made_up")


def test_a_rule_that_does_not_judge_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        rule_class(without="judge")()


def test_the_modules_place_gives_slug_and_pillar() -> None:
    rule = rule_class(module="fleet.readiness.rules.state.data_in_the_wrong_place")
    assert (rule.slug, rule.pillar) == ("data-in-the-wrong-place", Pillar.STATE)


def test_a_rule_carries_its_own_documentation() -> None:
    assert rule_class().documentation.how_to_fix == "A step."


@pytest.mark.parametrize(
    ("base", "scope"),
    [
        (ContainerRule, Scope.CONTAINER),
        (HostRule, Scope.HOST),
        (ImageRule, Scope.IMAGE),
        (NetworkRule, Scope.NETWORK),
        (ServiceRule, Scope.SERVICE),
        (VolumeRule, Scope.VOLUME),
    ],
)
def test_the_base_gives_the_scope(base: type[Rule], scope: Scope) -> None:
    assert rule_class(base=base).scope is scope


def test_a_rule_is_judged_in_production_and_staging_unless_it_says_otherwise() -> None:
    rule = rule_class()
    assert rule.stages == PRODUCTION_AND_STAGING
    assert (rule.core_gate, rule.linux_only, rule.formerly) == (False, False, ())


def test_the_sets_of_stages_name_no_service_that_is_not_in_containers() -> None:
    assert PRODUCTION_ONLY < PRODUCTION_AND_STAGING < EVERYWHERE
    assert frozenset(Stage) - EVERYWHERE == {Stage.NONE}


def test_a_complete_rule_judges() -> None:
    outcome = passed({"Some.Field": 1})
    assert rule_class(lambda _: outcome)().judge(container_subject()) is outcome
