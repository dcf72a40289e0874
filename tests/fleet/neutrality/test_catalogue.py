from __future__ import annotations

from pathlib import Path

import pytest

from fleet.neutrality import EFFORTS, by_slug, ties, version
from fleet.neutrality.tie import Found, Part, Tie
from fleet.neutrality.vocabulary import Effort


def test_every_module_in_the_folder_is_a_tie() -> None:
    assert len(ties()) == len(by_slug()) >= 20
    assert by_slug()["engine-socket"].title == "Use of the engine's socket"


def test_the_heaviest_come_first() -> None:
    ranks = [EFFORTS.index(tie.effort) for tie in ties()]
    assert ranks == sorted(ranks, reverse=True)


def test_the_version_is_twelve_digits() -> None:
    assert len(version()) == 12
    int(version(), 16)


def test_a_tie_without_its_words_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="lacks elsewhere, change, sources"):

        class Half(Tie):
            """Of which not everything is said."""

            title = "Half a tie"
            effort = Effort.REWORK

            def find(self, part: Part) -> Found | None:
                return None


@pytest.mark.parametrize("tie", ties(), ids=lambda tie: tie.slug)
def test_the_documentation_has_its_line(tie: Tie) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "neutrality.md").read_text()
    assert f"| `{tie.slug}` | {tie.title} | " in page
    assert f"| {tie.elsewhere} | {tie.change} |" in page
