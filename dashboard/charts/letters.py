"""How wide a text will be: a guess on the safe side, as the server does not know the reader's letters."""

from __future__ import annotations

from functools import cache
from typing import Final

# In thousandths of the letters' size, after DejaVu Sans, the widest of the faces that the style sheet asks for.
_NARROW: Final = dict.fromkeys("iljI.,:;'|!’·", 340) | dict.fromkeys("ftr()[]/ -", 420)
_WIDE: Final = dict.fromkeys("mMWw%@…", 1000) | dict.fromkeys("ABCDGHNOQRUVXY", 770) | {"+": 840, "×": 840, "_": 520}
_WIDTHS: Final = _NARROW | _WIDE
#: Behind these a name may be broken.
_PARTS: Final = " -_./:+"
_OTHER, _BOLD, _MONO = 640, 1.09, 605


@cache
def width(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """In units of the drawing."""
    thousandths = sum(_MONO if mono else _WIDTHS.get(letter, _OTHER) for letter in text)
    return thousandths / 1000 * size * (_BOLD if bold else 1)


def fitted(text: str, room: float, size: float, *, bold: bool = False, mono: bool = False) -> str:
    """The text, or as much of its beginning as there is room for, and an ellipsis."""
    if width(text, size, bold=bold, mono=mono) <= room:
        return text
    short = text
    while short and width(f"{short}…", size, bold=bold, mono=mono) > room:
        short = short[:-1]
    return f"{short.rstrip(' ,-')}…"


def fitting(texts: tuple[str, ...], room: float, size: float, *, bold: bool = False) -> str:
    """The first of the texts that there is room for; of the last, as much as there is."""
    for text in texts[:-1]:
        if width(text, size, bold=bold) <= room:
            return text
    return fitted(texts[-1], room, size, bold=bold)


def broken(text: str, room: float, size: float, *, most: int) -> tuple[str, ...]:
    """The text on as few lines as hold it whole, broken behind what parts its words; what the last has no room for is
    cut.
    """
    found: list[str] = []
    while len(found) < most - 1 and width(text, size) > room:
        ends = [end for end in range(1, len(text)) if text[end - 1] in _PARTS and width(text[:end], size) <= room]
        if not ends:
            break
        found.append(text[: ends[-1]].rstrip())
        text = text[ends[-1] :]
    return (*found, fitted(text, room, size))
