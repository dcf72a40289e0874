"""A rule's own documentation, read from its docstring; the product shows that very text."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

HEADINGS = ("What it looks at", "Why it matters", "How to fix", "What the fix may break", "References")


@dataclass(frozen=True, slots=True)
class Documentation:
    """The parts under the fixed headings, each one or more paragraphs; `references` is a line each."""

    summary: str
    looks_at: str
    why: str
    how_to_fix: str
    may_break: str
    references: tuple[str, ...]

    @classmethod
    def read(cls, owner: type) -> Documentation:
        """Raises TypeError naming the class and the heading that is missing, empty or out of order."""
        text = inspect.cleandoc(owner.__doc__ or "")
        parts: dict[str, list[str]] = {"": []}
        current = ""
        for line in text.splitlines():
            if line.rstrip(":") in HEADINGS and line.endswith(":"):
                current = line.rstrip(":")
                parts[current] = []
            else:
                parts[current].append(line.strip())
        if tuple(parts)[1:] != HEADINGS:
            raise TypeError(
                f"{owner.__module__}.{owner.__name__}: the docstring needs the headings {', '.join(HEADINGS)}"
            )
        joined = {heading: "\n".join(lines).strip() for heading, lines in parts.items()}
        empty = [heading or "summary" for heading, body in joined.items() if not body]
        if empty:
            raise TypeError(f"{owner.__module__}.{owner.__name__}: nothing is written under {', '.join(empty)}")
        references = tuple(line.removeprefix("- ").strip() for line in parts["References"] if line)
        looks_at, why, how_to_fix, may_break = (joined[heading] for heading in HEADINGS[:4])
        return cls(joined[""], looks_at, why, how_to_fix, may_break, references)
