from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings

from fleet.governance.policy import (
    PolicyError,
    adopt,
    differences,
    draft,
    from_yaml,
    in_force,
    plain,
    read,
    schema,
    to_yaml,
)
from fleet.models import PolicyVersion
from fleet.readiness.policy import Policy, RoleGrant, SeverityChange, Thresholds, Where
from fleet.readiness.vocabulary import Severity, Stage
from tests.builders import NOW

pytestmark = pytest.mark.django_db

FULL = Policy(
    allowed_registries=("registry.internal", "ghcr.io/acme"),
    datastore_ports={5432: "PostgreSQL"},
    roles=(RoleGrant(role="edge", where=Where(images=("*/proxy:*",))),),
    severities={"no-memory-limit": (SeverityChange(severity=Severity.LOW, where=Where(stages=(Stage.STAGING,))),)},
    thresholds=Thresholds(pillar_score=60),
)


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(PolicyError, match=r"`severities\.no-such-rule`: there is no rule of that name"):
        read({"severities": {"no-such-rule": [{"severity": "low"}]}})


def test_an_unknown_environment_is_named_with_those_that_are() -> None:
    with pytest.raises(PolicyError, match="`roles`: no environment is called prodction; there are development"):
        read({"roles": [{"role": "edge", "where": {"environments": ["prodction"]}}]})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"thresholds": {"pillar_score": 101}}, "pillar_score"),
        ({"registries": []}, "unknown field `registries`"),
        ({"severities": {"no-memory-limit": [{"severity": "awful"}]}}, "awful"),
        ({"exemptions": {"no-memory-limit": [{"reason": ""}]}}, "reason"),
        ({"roles": [{"role": "Not A Role", "where": {}}]}, "role"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_place(document: dict[str, object], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        read(document)


@pytest.mark.parametrize("text", ["a: [", "- a list", "just words"])
def test_what_is_no_yaml_document_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        from_yaml(text)


def test_yaml_there_and_back_is_the_same_policy() -> None:
    assert from_yaml(to_yaml(FULL)) == FULL
    assert read(plain(FULL)) == FULL


def test_the_schema_names_every_part() -> None:
    assert {"allowed_registries", "severities", "thresholds"} <= set(schema()["$defs"]["Policy"]["properties"])


def test_without_a_version_the_setting_names_the_registries(settings: LazySettings) -> None:
    settings.LOADLINE_ALLOWED_REGISTRIES = ("registry.internal",)
    assert in_force().policy.allowed_registries == ("registry.internal",)
    assert in_force().version is None


def test_a_draft_changes_nothing_and_the_newest_adopted_version_is_in_force() -> None:
    first = draft(FULL, author=None, name="ann", note="first", now=NOW)
    assert in_force().version is None
    adopt(first, now=NOW)
    assert (in_force().version, in_force().policy) == (first.pk, FULL)
    second = draft(Policy(), author=None, name="ann", note="back", now=NOW)
    adopt(second, now=NOW + timedelta(minutes=1))
    assert in_force().version == second.pk


def test_adopting_twice_keeps_the_first_time() -> None:
    version = draft(FULL, author=None, name="ann", note="", now=NOW)
    adopt(version, now=NOW)
    adopt(version, now=NOW + timedelta(days=1))
    assert PolicyVersion.objects.get().adopted_at == NOW


def test_the_digest_tells_policies_apart_and_nothing_else(settings: LazySettings) -> None:
    digest = in_force().digest
    assert in_force().digest == digest
    settings.LOADLINE_ALLOWED_REGISTRIES = ("elsewhere.example",)
    assert in_force().digest != digest


def test_differences_name_the_parts() -> None:
    assert [part for part, _, _ in differences(Policy(), FULL)] == [
        "allowed_registries", "datastore_ports", "roles", "severities", "thresholds",
    ]  # fmt: skip
