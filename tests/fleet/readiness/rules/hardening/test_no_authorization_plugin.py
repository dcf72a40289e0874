from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.no_authorization_plugin import NoAuthorizationPlugin
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = NoAuthorizationPlugin()


def test_an_engine_without_a_plugin_fails() -> None:
    outcome = RULE.judge(host_subject(authorization_plugins=()))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Plugins.Authorization": []}


def test_podman_has_no_such_plugins() -> None:
    assert RULE.judge(host_subject(kind="podman", authorization_plugins=())).status is Status.NOT_APPLICABLE


def test_an_unreported_list_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"Plugins\.Authorization"):
        RULE.judge(host_subject(authorization_plugins=None))


def test_a_plugin_passes() -> None:
    outcome = RULE.judge(host_subject(authorization_plugins=("opa-docker-authz",)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"Plugins.Authorization": ["opa-docker-authz"]}
