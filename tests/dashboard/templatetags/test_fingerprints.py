"""Fingerprints in a page, whole and by half."""

from __future__ import annotations

from django.template import engines

WHOLE = "0123456789abcdef" * 4


def drawn(text: str) -> str:
    return engines["django"].from_string(f"{{% load fingerprints %}}{text}").render({"value": WHOLE})


def test_a_whole_one_has_sixteen_groups_and_can_be_copied() -> None:
    page = drawn("{% fingerprint value %}")
    assert page.count("<span>") == 16
    assert f'data-whole="{WHOLE}"' in page


def test_half_of_one_has_the_other_half_nowhere() -> None:
    page = drawn("{% fingerprint value half=True %}")
    assert page.count("<span>") == 8
    assert "8 more groups" in page
    assert WHOLE not in page
    assert "data-copy" not in page
