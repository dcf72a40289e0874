from __future__ import annotations

from typing import Any

import msgspec

from fleet.assessment import findings
from fleet.models.answer_pattern import Answer, Pattern, encoded


def said(number: int, **changes: Any) -> Pattern:
    """Eight answers, of which each says the number unless `changes` have another for its rule."""
    values = {f"r{place}": number for place in range(8)} | changes
    return Pattern(
        tuple(
            Answer(rule, "network", "high", "pass", False, msgspec.Raw(encoded({"Field": value})), "")
            for rule, value in values.items()
        )
    )


def test_what_says_most_of_it_the_same_shares_the_pattern() -> None:
    patterns = findings._Patterns({})
    first, second = said(1), said(2)
    assert patterns.nearest(first) is first
    assert patterns.nearest(second) is second
    assert patterns.nearest(said(1, r0=7, r1=7)) is first
    assert patterns.nearest(said(2, r0=7)) is second
    assert patterns.new == [first, second]


def test_a_shape_has_eight_patterns_at_most() -> None:
    patterns = findings._Patterns({})
    for number in range(30):
        patterns.nearest(said(number))
    assert len(patterns.new) == 8
    nearest = patterns.nearest(said(99, r0=3))
    assert nearest.digest == said(3).digest
