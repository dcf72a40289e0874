"""Rules."""

from __future__ import annotations

import pytest
from django.test import Client

from fleet.readiness import catalogue

pytestmark = pytest.mark.django_db


def _listed(client: Client, **filters: str) -> list[str]:
    return [item["rule"] for item in client.get("/api/v1/rules", filters).json()["items"]]


def test_every_rule_is_listed_with_its_documentation(viewer: Client) -> None:
    items = viewer.get("/api/v1/rules").json()["items"]
    assert [item["rule"] for item in items] == [rule.slug for rule in catalogue.rules()]
    for item in items:
        for part in ("title", "why", "how_to_fix", "may_break", "references", "stages"):
            assert item[part], (item["rule"], part)
        assert set(item["remedy"]) == {"docker", "compose"}


def test_filters_narrow_together(viewer: Client) -> None:
    assert "privileged-container" in _listed(viewer, pillar="hardening", severity="critical", q="PRIVILEGED")
    assert "privileged-container" not in _listed(viewer, pillar="network")
    assert _listed(viewer, q="nonesuch") == []


def test_a_mistyped_filter_is_refused(viewer: Client) -> None:
    assert viewer.get("/api/v1/rules", {"pilar": "network"}).status_code == 422
