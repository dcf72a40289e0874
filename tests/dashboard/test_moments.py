from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dashboard.moments import age, exact

NOW = datetime(2026, 11, 23, 20, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (1.4, "just now"),
        (14, "14 s ago"),
        (89, "89 s ago"),
        (90, "1 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (86_399, "23 h ago"),
        (5 * 86_400, "5 d ago"),
        (-180, "in 3 min"),
    ],
)
def test_an_age_is_said_in_few_words(seconds: float, words: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), now=NOW) == words


def test_the_exact_moment_is_in_utc() -> None:
    amsterdam = timezone(timedelta(hours=1))
    assert exact(datetime(2026, 11, 23, 21, 42, 5, tzinfo=amsterdam)) == "2026-11-23 20:42:05 UTC"
