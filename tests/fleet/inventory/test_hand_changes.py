from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fleet.inventory import HandChange
from fleet.inventory.hand_changes import KEPT, merged

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def ago(hours: float, kind: str = "exec") -> HandChange:
    return HandChange(kind, NOW - timedelta(hours=hours))


def test_what_is_seen_twice_is_told_once_oldest_first() -> None:
    assert merged([ago(3), ago(2)], [ago(2), ago(1), ago(2, "copy")], NOW) == (
        *(ago(3), ago(2, "copy"), ago(2)),
        ago(1),
    )


def test_what_is_older_than_a_day_is_told_no_more() -> None:
    kept = KEPT.total_seconds() / 3600
    assert merged([ago(kept + 0.1), ago(kept)], [ago(kept + 5)], NOW) == (ago(kept),)
    assert merged([ago(kept + 0.1)], [], NOW) == ()


def test_the_newest_twenty_are_kept() -> None:
    assert merged([ago(number / 2) for number in range(30)], [], NOW) == tuple(
        ago(number / 2) for number in reversed(range(20))
    )


def test_a_sweep_that_could_not_read_events_takes_nothing_back_and_says_nothing_new() -> None:
    assert merged([ago(3)], None, NOW) == (ago(3),)
    assert merged([], None, NOW) is None
    assert merged(None, None, NOW) is None
    assert merged([ago(30)], None, NOW) is None


def test_the_first_sweep_has_nothing_to_put_it_to() -> None:
    assert merged(None, [ago(1)], NOW) == (ago(1),)
    assert merged(None, [], NOW) == ()
