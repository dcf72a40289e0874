"""Fingerprints as people compare them: large, in groups of four, by eye or aloud."""

from __future__ import annotations

from typing import Any

from django import template

from fleet.trust.fingerprints import groups

register = template.Library()


@register.inclusion_tag("components/fingerprint.html")
def fingerprint(value: str, half: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - a template's word
    """`{% fingerprint key.fingerprint %}`; with `half=True` the last eight groups are not in the page at all."""
    found = groups(value)
    shown = found[: len(found) // 2] if half else found
    return {"groups": shown, "hidden": len(found) - len(shown), "value": "" if half else value}
