from __future__ import annotations

import re
from pathlib import Path

from dashboard.failures import FAILURES, failure_words
from fleet.transport.errors import Code

SWEEPING = Path(__file__).resolve().parents[2] / "fleet" / "sweeping"


def test_every_kind_of_failure_has_its_words_and_no_other() -> None:
    own = {"credentials", "database", "internal"}
    assert FAILURES.keys() == {code.value for code in Code} | own
    code = "".join(path.read_text() for path in SWEEPING.glob("*.py"))
    assert all(f'"{one}"' in code for one in own)


def test_the_words_are_sentences_to_act_on() -> None:
    for what, remedy in FAILURES.values():
        assert re.fullmatch(r"[A-Zs].*[^.]", what)
        assert remedy.endswith(".")


def test_a_kind_of_another_version_is_said_as_it_is() -> None:
    assert failure_words("flooded")[0] == "flooded"
