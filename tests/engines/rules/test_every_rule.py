"""Every rule has a test on a real engine; a rule without one is not proven."""

from __future__ import annotations

from pathlib import Path

from fleet.readiness.catalogue import rules

HERE = Path(__file__).parent


def test_every_rule_is_tried_on_a_real_engine() -> None:
    text = "\n".join(path.read_text() for path in HERE.glob("test_*.py"))
    untried = [rule.slug for rule in rules() if f'"{rule.slug}"' not in text]
    assert untried == []
