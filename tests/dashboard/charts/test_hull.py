from __future__ import annotations

from dashboard.charts.hull import hull


def test_the_fill_rises_with_the_share() -> None:
    low, high = hull(ready=10, total=58, load_line=80), hull(ready=50, total=58, load_line=80)
    assert high.level < low.level
    assert high.depth > low.depth


def test_a_share_equal_to_the_load_line_touches_it() -> None:
    drawn = hull(ready=8, total=10, load_line=80)
    assert drawn.level == drawn.line


def test_no_service_in_production_has_no_share() -> None:
    drawn = hull(ready=0, total=0, load_line=80)
    assert drawn.share is None
    assert drawn.depth == 0
    assert drawn.summary == "No production service yet. The load line is 80 percent."


def test_the_summary_says_what_the_picture_shows() -> None:
    drawn = hull(ready=36, total=58, load_line=80)
    assert drawn.summary == "36 of 58 production services are ready: 62 percent. The load line is 80 percent."


EVERY = [(share, load_line) for share in range(101) for load_line in range(0, 101, 5)]


def test_the_figure_never_crosses_the_edge_of_the_fill() -> None:
    for share, load_line in EVERY:
        drawn = hull(ready=share, total=100, load_line=load_line)
        assert drawn.figure <= drawn.level + 1 or drawn.figure - 16 >= drawn.level - 1, (share, load_line)


def test_the_load_lines_name_stands_wholly_in_or_out_of_the_fill() -> None:
    for share, load_line in EVERY:
        drawn = hull(ready=share, total=100, load_line=load_line)
        assert drawn.line_sunk == (drawn.line_label - 9 >= drawn.level), (share, load_line)
        assert drawn.line_sunk or drawn.line_label <= drawn.level, (share, load_line)


def test_a_name_in_the_fill_is_drawn_for_it() -> None:
    assert hull(ready=95, total=100, load_line=80).line_sunk
    assert not hull(ready=60, total=100, load_line=80).line_sunk
