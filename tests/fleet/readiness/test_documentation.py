from __future__ import annotations

import pytest

from fleet.readiness.documentation import HEADINGS, Documentation
from tests.fleet.readiness.made_up import DOCUMENTATION


def owner(text: str | None) -> type:
    return type("Owner", (), {"__doc__": text})


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_missing_heading_is_refused(heading: str) -> None:
    with pytest.raises(TypeError, match="needs the headings What it looks at"):
        Documentation.read(owner(DOCUMENTATION.replace(f"{heading}:\n", "")))


def test_headings_out_of_order_are_refused() -> None:
    swapped = DOCUMENTATION.replace("Why it matters:", "X").replace("How to fix:", "Why it matters:")
    with pytest.raises(TypeError, match="needs the headings"):
        Documentation.read(owner(swapped.replace("X", "How to fix:")))


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("Something is wrong.", "summary"),
        ("A field.", "What it looks at"),
        ("A reason.", "Why it matters"),
        ("A step.", "How to fix"),
        ("Another thing.", "What the fix may break"),
        ("- A source", "References"),
    ],
)
def test_a_heading_with_nothing_under_it_is_refused_by_name(line: str, heading: str) -> None:
    with pytest.raises(TypeError, match=f"nothing is written under {heading}$"):
        Documentation.read(owner(DOCUMENTATION.replace(f"{line}\n", "\n", 1)))


def test_no_docstring_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Owner: the docstring needs"):
        Documentation.read(owner(None))


def test_the_parts_are_read_as_written() -> None:
    text = DOCUMENTATION.replace("A step.\n", "First this.\nThen that.\n\nAt last:\nthe other.\n")
    read = Documentation.read(owner(text))
    assert (read.summary, read.looks_at, read.why, read.may_break) == (
        "Something is wrong.",
        "A field.",
        "A reason.",
        "Another thing.",
    )
    assert read.how_to_fix == "First this.\nThen that.\n\nAt last:\nthe other."


def test_references_are_a_line_each_without_their_dash() -> None:
    text = DOCUMENTATION.replace("- A source\n", "- CIS Docker 1.6.0 5.5\n\n- Another\n")
    assert Documentation.read(owner(text)).references == ("CIS Docker 1.6.0 5.5", "Another")


def test_indentation_is_no_part_of_the_text() -> None:
    indented = "\n    ".join(DOCUMENTATION.splitlines())
    assert Documentation.read(owner(indented)) == Documentation.read(owner(DOCUMENTATION))
