from __future__ import annotations

from datetime import date

from dashboard.adoption_compared import Group, Row
from dashboard.adoption_shown import BenchmarkGroup, BenchmarkRow, FigureRow, TeamRow
from dashboard.adoption_words import MINUS, Change
from dashboard.charts.bar import Segment
from dashboard.templatetags.adoption import benchmark_rows, compared_rows, figure_rows_of, team_rows_of
from fleet.adoption import Number
from fleet.adoption.published import Benchmark

_LINKS = {
    "services": "/services/?team=a&x=1",
    "production": "/services/?stage=production",
    "hosts": "/hosts/?team=a",
    "containers": "/containers/?team=a",
    "ready": "/services/?verdict=ready",
}


def _team(**more: object) -> TeamRow:
    values: dict[str, object] = {
        "name": "<shop> & sons",
        "url": "/adoption/?team=a&days=7",
        "use": "Adopter",
        "use_tone": "ready",
        "segments": [Segment(tone="stage-production", label="Production", count=3)],
        "services": Number(part=3156, whole=6312),
        "hosts": Number(part=1, whole=2),
        "containers": Number(part=12, whole=4000),
        "ready": Number(part=2, whole=3),
        "lead": "12.5 days",
        "links": _LINKS,
    }
    return TeamRow(**{**values, **more})  # type: ignore[arg-type]


def _figure(**more: object) -> FigureRow:
    values: dict[str, object] = {
        "key": "lead-time",
        "label": "A <label>",
        "value": "38%",
        "rests": "22 of 58",
        "sentence": "What it is & is not.",
        "url": "/services/?a=1&b=2",
        "change": Change(text="+2 points", better=True, rose=True),
        "trend": [30.0, 38.0],
        "unit": "%",
        "better": 1,
    }
    return FigureRow(**{**values, **more})  # type: ignore[arg-type]


def test_a_team_is_escaped_and_each_number_leads_to_its_list() -> None:
    row = team_rows_of([_team()])
    assert '<a href="/adoption/?team=a&amp;days=7">&lt;shop&gt; &amp; sons</a>' in row
    assert 'aria-label="&lt;shop&gt; &amp; sons: 3 production"' in row
    assert '<td class="num" data-label="Services"><a href="/services/?team=a&amp;x=1">6\u202f312</a></td>' in row
    assert "3\u202f156</a> <small>50%</small></td>" in row
    assert "12</a> <small>of 4\u202f000</small></td>" in row
    assert row.count("<td") == 8
    assert "<shop>" not in row


def test_what_is_not_known_of_a_team_is_a_dash_and_no_link() -> None:
    none = Number()
    row = team_rows_of([_team(name="", use="", services=none, hosts=none, containers=none, ready=none, lead="–")])
    assert ">No team</a></th>" in row
    assert '<td data-label="Uses containers">–</td>' in row
    assert '<td class="num" data-label="Hosts at work">–</td>' in row
    assert "<small>" not in row


def test_a_number_of_the_past_has_no_list() -> None:
    row = team_rows_of([_team(links=dict.fromkeys(_LINKS, ""))])
    assert '<td class="num" data-label="Ready there">2</td>' in row


def test_a_figure_says_what_it_is_how_it_went_and_where_its_list_is() -> None:
    row = figure_rows_of([_figure(band="3 to 9")])
    assert row.startswith('<tr id="lead-time"><th scope="row">A &lt;label&gt;</th>')
    assert '<a href="/services/?a=1&amp;b=2"><b>38%</b></a> <small title="Under the thresholds' in row
    assert ">3 to 9 by others</small>" in row
    assert '<span class="delta better">▲ +2 points</span>' in row
    assert 'class="spark up"' in row
    assert 'aria-label="A &lt;label&gt; from 30% to 38%"' in row
    assert row.endswith('<td class="wide sentence">What it is &amp; is not.</td></tr>')


def test_a_figure_without_a_list_a_change_or_a_history_is_plain() -> None:
    row = figure_rows_of([_figure(url="", change=None, trend=[])])
    assert "<a " not in row
    assert '<td data-label="Change">–</td>' in row
    assert '<path class="none" d="M3 11h86"/>' in row


def test_a_change_for_the_worse_is_drawn_so() -> None:
    assert f'<span class="delta worse">▼ {MINUS}1 point</span>' in figure_rows_of(
        [_figure(change=Change(text=f"{MINUS}1 point", better=False, rose=False))]
    )
    assert '<span class="delta">the same</span>' in figure_rows_of(
        [_figure(change=Change(text="the same", better=None, rose=None))]
    )


def _group(kind: str, *rows: Row) -> Group:
    return Group(title="", verb="", kind=kind, count=len(rows), rows=rows, left=0)


def test_what_changed_says_from_what_to_what() -> None:
    moved = compared_rows(_group("stage", Row(name="<a>", url="/services/a/", before="Staging", after="Production")))
    assert moved.startswith('<li><a href="/services/a/">&lt;a&gt;</a> <span class="turn">Staging <span class="arrow"')
    came = compared_rows(_group("stage", Row(name="b", url="", before="", after="Experiment")))
    assert came == '<li><span title="Forgotten since">b</span> <span class="turn">Experiment</span></li>'
    went = compared_rows(_group("stage", Row(name="c", url="", before="Staging", after="")))
    assert '<span class="turn">was staging</span>' in went
    flipped = compared_rows(_group("verdict", Row(name="d", url="", before="ready", after="not-ready")))
    assert flipped.index('class="chip ready"') < flipped.index("→") < flipped.index('class="chip not-ready"')


def _published(ours: int | None) -> BenchmarkGroup:
    one = Benchmark(
        date=date(2018, 6, 13),
        who="A & B",
        percent=21.5,
        of="customers",
        measures="run <it>",
        kind="hosts",
        source='"source"',
        sure=False,
        n=10_000,
    )
    return BenchmarkGroup(
        title="", caution="", label="Hosts", ours=ours, rows=[BenchmarkRow(benchmark=one, percent=">\u202f21.5%")]
    )


def test_ours_stands_beside_what_others_published() -> None:
    theirs, ours = benchmark_rows(_published(38), date(2026, 11, 30)).split("</tr>")[:2]
    assert 'data-label="When">Jun 2018<' in theirs
    assert '<span title="&quot;source&quot;">A &amp; B</span>' in theirs
    assert ">&gt;\u202f21.5%</td>" in theirs
    assert 'class="theirs" width="21.5%"' in theirs
    assert 'class="ours" x1="38%" x2="38%"' in theirs
    assert "of customers (10000) run &lt;it&gt; <small>at second hand: &quot;source&quot;</small>" in theirs
    assert ours.startswith('<tr class="ours"><td data-label="When">Nov 2026</td><th scope="row">Ours</th>')


def test_where_nothing_of_ours_is_like_it_theirs_stands_alone() -> None:
    alone = benchmark_rows(_published(None), date(2026, 11, 30))
    assert alone.count("<tr") == 1
    assert "ours" not in alone
