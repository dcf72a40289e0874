from __future__ import annotations

from django.template import Context, Template

from dashboard.charts.bar import verdict_segments
from dashboard.charts.cells import Cell, CellGroup


def render(source: str, **values: object) -> str:
    return Template("{% load charts %}" + source).render(Context(values))


def test_the_hull_is_an_image_that_says_what_it_shows() -> None:
    assert 'role="img" aria-label="36 of 58 production services are ready: 62 percent.' in render("{% hull 36 58 80 %}")


def test_a_bar_without_a_legend_is_named() -> None:
    markup = render("{% stacked_bar parts 'Network' %}", parts=verdict_segments({"ready": 2, "unknown": 1}))
    assert 'aria-label="Network: 2 ready, 1 unknown"' in markup


def test_every_number_of_a_legend_links_to_its_list() -> None:
    parts = verdict_segments({"ready": 2}, url="/services/?verdict=")
    markup = render("{% stacked_bar parts legend='line' %}", parts=parts)
    assert markup.count('<a href="/services/?verdict=') == 4
    assert 'aria-hidden="true"' in markup


def test_a_line_without_history_says_so() -> None:
    assert 'aria-label="Trust not enough history yet"' in render("{% sparkline values label='Trust' %}", values=[1])


def test_only_the_first_host_of_a_group_is_a_tab_stop() -> None:
    cells = [Cell(name=f"prod-{number}", verdict="ready", url="#") for number in range(3)]
    markup = render(
        "{% host_cells groups %}", groups=[CellGroup(label="Production", note="3 hosts", url="#", cells=cells)]
    )
    assert markup.count('tabindex="-1"') == 2
    assert 'aria-label="prod-0, ready"' in markup
