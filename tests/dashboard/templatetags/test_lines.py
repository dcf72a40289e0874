from __future__ import annotations

from datetime import timedelta

from django.template import Context, Template

from dashboard.changes import ChangeRow, Flip
from dashboard.pages.rules import RuleRow
from dashboard.pillar_facts import Cell, FactTable
from dashboard.templatetags.lines import fact_lines, rule_lines
from tests.builders import NOW


def _change(**more: object) -> ChangeRow:
    values: dict[str, object] = {
        "name": "<shop>",
        "url": "/services/shop/?a&b",
        "kind": "finding",
        "title": "A <rule>",
        "rule_url": "/rules/a-rule/",
        "severity": "critical",
        "before": "pass",
        "after": "fail",
        "before_word": "Passes",
        "after_word": "Fails",
        "before_status": "pass",
        "after_status": "fail",
        "better": False,
        "cause": "because of <it>",
        "at": NOW,
        "first_at": NOW - timedelta(hours=1),
        "flips": 1,
        "flapping": False,
        "history": [],
    }
    return ChangeRow(**{**values, **more})  # type: ignore[arg-type]


def _changes(*changes: ChangeRow, plain: bool = False) -> str:
    tag = "{% change_lines changes plain %}" if plain else "{% change_lines changes %}"
    return Template("{% load lines %}" + tag).render(Context({"changes": changes, "plain": plain}))


def test_a_change_is_escaped_and_says_what_became_of_what() -> None:
    line = _changes(_change())
    assert line.startswith('<li class="change worse">')
    assert '<a class="subject" href="/services/shop/?a&amp;b">&lt;shop&gt;</a>' in line
    assert '<a href="/rules/a-rule/">A &lt;rule&gt;</a>' in line
    assert line.index("Passes") < line.index("became") < line.index("Fails")
    assert '<p class="muted">because of &lt;it&gt;</p>' in line


def test_on_its_own_page_a_subject_is_not_named() -> None:
    assert "subject" not in _changes(_change(), plain=True)


def test_a_verdict_that_flaps_tells_its_turns() -> None:
    flips = [Flip(at=NOW, before="Ready", after="<Not ready>", cause="<why>")]
    line = _changes(
        _change(kind="verdict", rule_url="", before="ready", after="ready", flips=4, flapping=True, history=flips)
    )
    assert "<b>Verdict</b>" in line
    assert "flapping, 4 times since" in line
    assert "<summary>All 4 turns</summary>" in line
    assert "Ready → &lt;Not ready&gt;" in line
    assert "&lt;why&gt;" in line


def test_what_is_back_where_it_was_says_so() -> None:
    line = _changes(_change(better=None))
    assert '<li class="change back">' in line
    assert "back where it was" in line


def test_trust_is_drawn_by_what_it_is_to_the_rule_about_signatures() -> None:
    line = _changes(_change(kind="trust", before_word="unsigned", after_word="verified", after_status="pass"))
    assert line.index("unsigned") < line.index("verified")
    assert 'class="chip ready"' in line


def _rule(share: int | None) -> RuleRow:
    return RuleRow(
        slug="a-rule",
        title="A <rule>",
        severity="high",
        scope="container",
        catalogue="core",
        url="/rules/a-rule/",
        failing=1234,
        waived=0,
        unknown=2,
        passing=3,
        not_applicable=0,
        share=share,
    )


def test_each_number_of_a_rule_leads_to_its_subjects() -> None:
    line = rule_lines([_rule(50)])
    assert '<a href="/rules/a-rule/">A &lt;rule&gt;</a><small>a-rule</small>' in line
    assert '<a href="/rules/a-rule/?status=fail#subjects">1\u202f234</a>' in line
    assert '<td class="num" data-label="Share that passes">50%</td>' in line
    assert '<td class="num" data-label="Share that passes">–</td>' in rule_lines([_rule(None)])


def test_facts_are_escaped_and_bear_the_name_of_their_column() -> None:
    table = FactTable(
        title="",
        columns=("Vol<ume", "Restarts"),
        rows=[(Cell("<data>", "/x?a&b"), Cell("12"))],
        more=False,
        most=5,
        nothing="",
    )
    assert fact_lines(table) == (
        '<tr><td class="name"><a href="/x?a&amp;b">&lt;data&gt;</a></td>'
        '<td class="num" data-label="Restarts">12</td></tr>'
    )
