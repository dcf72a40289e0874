from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.legacy_links import LegacyLinks
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = LegacyLinks()


def test_links_on_the_default_bridge_fail() -> None:
    assert RULE.judge(container_subject(links=("/db:/web/db",), network_mode="bridge")).status is Status.FAIL


def test_links_on_another_network_are_not_applicable() -> None:
    assert RULE.judge(container_subject(links=("/db:/web/db",))).status is Status.NOT_APPLICABLE


def test_unreported_links_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(links=None))


def test_no_link_passes() -> None:
    assert RULE.judge(container_subject(network_mode="bridge")).status is Status.PASS
