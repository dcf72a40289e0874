"""Every figure is defined, and nothing else is."""

from __future__ import annotations

import pytest

from fleet.adoption import DEFINITIONS, HEADLINES, Definition, Number
from fleet.adoption.definitions import OF_TEAMS


@pytest.mark.parametrize("one", DEFINITIONS.values(), ids=list(DEFINITIONS))
def test_a_definition_is_one_sentence_that_names_its_denominator(one: Definition) -> None:
    assert one.sentence.endswith(".")
    assert one.unit in {"services", "hosts", "containers", "teams", "days"}
    assert "as a share of" in one.sentence or "median" in one.sentence
    assert one.part
    assert one.whole


def test_there_is_never_one_number_alone() -> None:
    assert [DEFINITIONS[key].unit for key in HEADLINES] == ["services", "hosts", "containers"]
    assert set(OF_TEAMS) < set(DEFINITIONS)


def test_nothing_of_nothing_has_no_share() -> None:
    assert Number(part=0, whole=0).share is None
    assert Number(part=None, whole=3).share is None
    assert Number(part=1, whole=300).share == 1
