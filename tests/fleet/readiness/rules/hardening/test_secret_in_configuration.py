from __future__ import annotations

import pytest

from fleet.inventory import SecretHint
from fleet.readiness.findings import MissingFactError
from fleet.readiness.policy import Policy
from fleet.readiness.rules.hardening.secret_in_configuration import SecretInConfiguration
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, volume, volume_mount

RULE = SecretInConfiguration()
HINT = SecretHint("env", "DB_PASSWORD", "its name is a secret's")
SHARE = volume(name="share", secret_hints=("o:password",))


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("env", "Config.Env"),
        ("command", "Config.Cmd"),
        ("label", "Config.Labels"),
        ("health", "Config.Healthcheck"),
    ],
)
def test_a_hint_fails_by_its_name(place: str, field: str) -> None:
    outcome = RULE.judge(container_subject(secret_hints=(SecretHint(place, "token", "a GitHub token"),)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {field: ["token"]}
    assert outcome.reason == "token: a GitHub token"


def test_several_hints_are_listed_once_each_and_in_order() -> None:
    hints = (HINT, SecretHint("env", "API_KEY", "its name is a secret's"), HINT)
    assert RULE.judge(container_subject(secret_hints=hints)).evidence == {"Config.Env": ["API_KEY", "DB_PASSWORD"]}


def test_an_option_of_a_mounted_volume_fails() -> None:
    subject = container_subject(mounts=(volume_mount("share"),), around=around(volumes=(SHARE,)))
    outcome = RULE.judge(subject)
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Options of volume share": ["o:password"]}


def test_unseen_volumes_do_not_hide_what_is_seen() -> None:
    subject = container_subject(secret_hints=(HINT,), mounts=(volume_mount(),), around=around(volumes=None))
    assert RULE.judge(subject).status is Status.FAIL


def test_a_variable_that_the_policy_names_fails() -> None:
    policy = Policy(secret_names=("*_SIGNING", "DB_PASSWORD"))
    names = ("APP_SIGNING", "DB_PASSWORD", "PATH", "SIGNING_ROUNDS")
    subject = container_subject(environment_names=names, secret_hints=(HINT,), around=around(policy=policy))
    outcome = RULE.judge(subject)
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Config.Env": ["APP_SIGNING", "DB_PASSWORD"]}
    assert outcome.reason == "APP_SIGNING: the policy names it a secret; DB_PASSWORD: its name is a secret's"


def test_only_a_task_of_a_swarm_could_have_used_its_secrets() -> None:
    assert RULE.judge(container_subject(secret_hints=(HINT,))).cis == ("4.10",)
    task = container_subject(secret_hints=(HINT,), labels={"com.docker.swarm.task.id": "t"})
    assert RULE.judge(task).cis is None
    assert RULE.cis == ("4.10", "7.4")


def test_names_that_nobody_reported_are_a_missing_fact_where_the_policy_asks_for_them() -> None:
    surroundings = around(policy=Policy(secret_names=("*_SIGNING",)))
    with pytest.raises(MissingFactError, match=r"Config\.Env"):
        RULE.judge(container_subject(environment_names=None, around=surroundings))


def test_an_unreported_environment_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"Config\.Env"):
        RULE.judge(container_subject(secret_hints=None))


def test_volumes_that_nobody_has_seen_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="options of its volumes"):
        RULE.judge(container_subject(mounts=(volume_mount(),), around=around(volumes=None)))


def test_what_the_policy_calls_harmless_passes() -> None:
    policy = Policy(harmless_names=("DB_*", "o:password", "PUBLIC_TOKEN"), secret_names=("DB_*",))
    hints = (HINT, SecretHint("label", "PUBLIC_TOKEN", "its name is a secret's"))
    subject = container_subject(
        environment_names=("DB_PASSWORD", "DB_USER"),
        secret_hints=hints,
        mounts=(volume_mount("share"),),
        around=around(volumes=(SHARE,), policy=policy),
    )
    assert RULE.judge(subject).status is Status.PASS


def test_another_containers_volume_passes() -> None:
    subject = container_subject(mounts=(volume_mount("data"),), around=around(volumes=(SHARE, volume())))
    assert RULE.judge(subject).status is Status.PASS


def test_a_hint_from_elsewhere_passes() -> None:
    assert RULE.judge(container_subject(secret_hints=(SecretHint("option", "x", "y"),))).status is Status.PASS


def test_a_configuration_without_hints_passes_without_volumes_seen() -> None:
    assert RULE.judge(container_subject(mounts=(), around=around(volumes=None))).status is Status.PASS
