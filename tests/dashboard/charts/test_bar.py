from __future__ import annotations

import pytest

from dashboard.charts.bar import Segment, stacked_bar, verdict_segments


def width(text: str) -> float:
    return float(text.removesuffix("%"))


def test_widths_add_up_to_the_whole() -> None:
    bar = stacked_bar(verdict_segments({"ready": 36, "at-risk": 12, "not-ready": 9, "unknown": 1}))
    assert sum(width(piece.width) for piece in bar.placed) == pytest.approx(100, abs=0.05)
    assert bar.total == 58


def test_each_segment_begins_where_the_one_before_ends() -> None:
    bar = stacked_bar(verdict_segments({"ready": 3, "at-risk": 1, "not-ready": 2}))
    for before, after in zip(bar.placed, bar.placed[1:], strict=False):
        assert width(after.x) == pytest.approx(width(before.x) + width(before.width), abs=0.02)


def test_one_of_ten_thousand_can_still_be_seen() -> None:
    bar = stacked_bar(verdict_segments({"ready": 9_999, "not-ready": 1}))
    assert width(bar.placed[1].width) > 0.5


def test_an_empty_segment_keeps_its_place_in_the_legend_only() -> None:
    bar = stacked_bar(verdict_segments({"ready": 2}))
    assert [piece.segment.tone for piece in bar.placed] == ["ready"]
    assert [segment.count for segment in bar.segments] == [2, 0, 0, 0]


def test_nothing_is_said_rather_than_drawn() -> None:
    bar = stacked_bar([])
    assert bar.placed == ()
    assert bar.summary == "nothing to show yet"


def test_the_summary_names_every_part() -> None:
    bar = stacked_bar(
        [Segment(tone="ready", label="Ready", count=2), Segment(tone="unknown", label="Unknown", count=1)]
    )
    assert bar.summary == "2 ready, 1 unknown"


def test_verdicts_link_to_their_lists() -> None:
    urls = [segment.url for segment in verdict_segments({"ready": 1}, url="/services/?verdict=")]
    assert urls == [f"/services/?verdict={value}" for value in ("ready", "at-risk", "not-ready", "unknown")]
