from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fleet.readiness.standing import Standing
from fleet.readiness.verdict import verdict_of_tally
from fleet.readiness.vocabulary import Severity, Status, Verdict
from tests.fleet.readiness.test_verdict import Weight, some, weights

rules = st.sampled_from(["a", "b", "c"])
#: Findings of one rule are of one pillar.
named = st.builds(lambda weight, rule: replace(weight, rule=f"{rule}-{weight.pillar}"), weights, rules)
findings_of = st.lists(named, max_size=12)


def mended(findings: list[Weight], chosen: set[str]) -> list[Weight]:
    return [
        replace(one, status=Status.PASS, waived=False, freshness=1.0)
        if one.rule in chosen and one.status in {Status.FAIL, Status.UNKNOWN}
        else one
        for one in findings
    ]


@given(findings_of, st.sets(rules))
def test_what_would_be_without_some_rules_is_what_is_once_they_pass(findings: list[Weight], chosen: set[str]) -> None:
    slugs = {one.rule for one in findings if one.rule[0] in chosen}
    assert Standing.of(findings).without(slugs).tally == Standing.of(mended(findings, slugs)).tally


@given(findings_of, findings_of)
def test_standings_add_up_as_their_findings_do(first: list[Weight], second: list[Weight]) -> None:
    added, whole = Standing.of(first) + Standing.of(second), Standing.of([*first, *second])
    assert added.tally == whole.tally
    assert sorted(added.open, key=repr) == sorted(whole.open, key=repr)


@given(findings_of)
def test_so_many_alike_are_what_adding_them_up_makes(findings: list[Weight]) -> None:
    one = Standing.of(findings)
    assert one.times(3) == Standing.total([one, one, one])
    assert hash(one.times(2)) == hash(one + one)


@given(findings_of)
def test_it_survives_being_stored(findings: list[Weight]) -> None:
    standing = Standing.of(findings)
    assert Standing.from_plain(standing.to_plain()) == standing


@given(some, st.sets(rules))
def test_mending_never_makes_a_verdict_worse(findings: list[Weight], chosen: set[str]) -> None:
    order = list(Verdict)
    standing = Standing.of(findings)
    before, after = verdict_of_tally(standing.tally), verdict_of_tally(standing.without(chosen).tally)
    assert order.index(after) >= order.index(before)


def test_a_waived_failure_is_open_but_does_not_fail() -> None:
    standing = Standing.of([Weight(Status.FAIL, Severity.HIGH, waived=True), Weight(Status.PASS, rule="other")])
    assert [one.rule for one in standing.open] == ["made-up"]
    assert standing.rules() == frozenset()
    assert standing.rules(failing=False) == {"made-up"}


def test_what_is_no_standing_is_empty() -> None:
    assert Standing.from_plain({}) == Standing()
