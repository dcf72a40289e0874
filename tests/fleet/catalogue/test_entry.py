"""What of an entry holds, and what is said of what does not."""

from __future__ import annotations

import pytest

from fleet.catalogue import CatalogueError, Entry, validate


def test_all_but_the_name_may_stay_empty() -> None:
    valid = validate(Entry(name=" checkout "))
    assert (valid.name, valid.team, valid.tier, valid.stage, valid.runbook) == ("checkout", "", None, "", "")


@pytest.mark.parametrize(("text", "tier"), [("1", 1), (" 2 ", 2), ("tier 3", 3), ("Tier-9", 9), ("", None)])
def test_a_tier_is_written_in_several_ways(text: str, tier: int | None) -> None:
    assert validate(Entry(name="a", tier=text)).tier == tier


@pytest.mark.parametrize(
    ("text", "stage"),
    [("Production", "production"), ("staging", "staging"), ("not in containers", ""), ("none", ""), ("", "")],
)
def test_a_stage_is_a_word_of_the_pages(text: str, stage: str) -> None:
    assert validate(Entry(name="a", stage=text)).stage == stage


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("name", "", "give the service one"),
        ("name", "a\x00b", "remove it"),
        ("name", "a" * 201, "200 are the most"),
        ("tier", "0", "a number from 1"),
        ("tier", "high", "a number from 1"),
        ("tier", "10", "a number from 1"),
        ("stage", "live", "write production, staging or experiment"),
        ("runbook", "wiki/web", "begins with https://"),
        ("runbook", "javascript:alert(1)", "begins with https://"),
        ("source_url", "https://", "names a host"),
        ("source_url", "https://[", "begins with https://"),
        ("team", "a\nb", "remove it"),
    ],
)
def test_what_is_wrong_is_named_with_its_field_and_the_remedy(field: str, value: str, remedy: str) -> None:
    with pytest.raises(CatalogueError, match=remedy) as refused:
        validate(Entry(**{"name": "a", field: value}))
    assert refused.value.field == field


def test_whom_to_call_need_be_no_address() -> None:
    assert validate(Entry(name="a", oncall="the payments rota")).oncall == "the payments rota"
