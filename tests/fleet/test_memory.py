"""What a process remembers is bounded, and what came first goes first."""

from __future__ import annotations

from fleet.memory import keep


def test_a_full_memory_forgets_a_quarter_and_keeps_what_came_last() -> None:
    known: dict[int, str] = {}
    for number in range(9):
        keep(known, number, str(number), most=8)
    assert known == {number: str(number) for number in range(2, 9)}
