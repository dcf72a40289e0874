from __future__ import annotations

from dashboard.charts.cells import Cell


def test_the_label_says_name_verdict_and_note() -> None:
    cell = Cell(name="prod-07", verdict="not-ready", url="/hosts/prod-07/", note="no answer for 4 min")
    assert cell.label == "prod-07, not ready, no answer for 4 min"


def test_a_cell_without_a_note_ends_with_its_verdict() -> None:
    assert Cell(name="prod-07", verdict="ready", url="#").label == "prod-07, ready"
