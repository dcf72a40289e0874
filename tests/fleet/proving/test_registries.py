"""Registries as they are registered; their passwords are sealed and leave no trace anywhere else."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from cryptography.fernet import Fernet

from fleet.models import ImageRegistry
from fleet.proving import (
    ProvingError,
    RegistryTerms,
    add_registry,
    change_registry,
    register_registry,
    remove_registry,
    reseal_registries,
)
from fleet.proving.registries import registered
from fleet.trust.errors import Unreachable
from tests.certificates import make_ca
from tests.fleet.trust.publishers import NOW

pytestmark = pytest.mark.django_db


def register(host: str = "registry.internal", **told: Any) -> ImageRegistry:
    return register_registry(host, now=NOW, **told)


def test_a_password_is_sealed_and_comes_back_for_the_client_alone() -> None:
    row = register(username="robot", password="hunter2", realms=("auth.internal",))
    assert "hunter2" not in row.sealed_password
    told = registered("registry.internal")
    assert told is not None
    assert (told.username, told.password, told.realms) == ("robot", "hunter2", ("auth.internal",))
    assert "hunter2" not in repr(told)
    trail = [entry.changes for entry in LogEntry.objects.all()]
    assert {"password": ["", "entered"]} in trail
    assert not any("sealed_password" in (changes or {}) for changes in trail)
    assert "hunter2" not in str(trail)
    assert row.sealed_password not in str(trail)


def test_registering_again_sets_it_anew() -> None:
    register(username="robot", password="hunter2")
    register(private=True)
    told = registered("registry.internal")
    assert told is not None
    assert (told.private, told.username, told.password) == (True, "", "")
    remove_registry("registry.internal")
    assert registered("registry.internal") is None


def test_what_is_registered_already_is_not_added_again() -> None:
    register(username="robot", password="hunter2")
    with pytest.raises(ProvingError, match="already") as refused:
        add_registry("registry.internal", RegistryTerms(), now=NOW)
    assert refused.value.field == "host"
    assert password() == "hunter2"
    with pytest.raises(ProvingError, match="no registry"):
        change_registry("other.internal", RegistryTerms(), now=NOW)


def test_a_change_keeps_the_password_that_nobody_typed_anew() -> None:
    register(username="robot", password="hunter2", realms=("auth.internal",))
    change_registry("registry.internal", RegistryTerms(username="robot2", password=None), now=NOW)
    assert password() == "hunter2"
    change_registry("registry.internal", RegistryTerms(username="robot", password="other"), now=NOW)
    assert password() == "other"
    change_registry("registry.internal", RegistryTerms(username="", password=None), now=NOW)
    assert password() == ""
    lines = [entry.changes for entry in LogEntry.objects.order_by("pk") if "password" in (entry.changes or {})]
    assert [one["password"] for one in lines] == [["", "entered"], ["", "entered"], ["entered", "taken away"]]


@pytest.mark.parametrize(
    "change",
    [{"realms": ("auth.internal", "evil.example")}, {"plain": True, "private": True}, {"private": True}, {"ca": True}],
)
def test_a_stored_password_is_not_sent_elsewhere_by_somebody_who_does_not_know_it(change: dict[str, Any]) -> None:
    register(username="robot", password="hunter2", realms=("auth.internal",))
    if "ca" in change:
        change = {"ca": make_ca().pem}
    terms: dict[str, Any] = {"username": "robot", "realms": ("auth.internal",), **change}
    with pytest.raises(ProvingError, match="enter it again") as refused:
        change_registry("registry.internal", RegistryTerms(**terms, password=None), now=NOW)
    assert refused.value.field == "password"
    row = ImageRegistry.objects.get()
    assert (row.realms, row.plain, row.private, row.ca) == (["auth.internal"], False, False, "")
    change_registry("registry.internal", RegistryTerms(**terms, password="hunter2"), now=NOW)


def password() -> str:
    told = registered("registry.internal")
    assert told is not None
    return told.password


@pytest.mark.parametrize(
    ("host", "told", "why"),
    [
        ("registry", {}, "is no registry"),
        ("https://registry.internal", {}, "is no registry"),
        ("registry.internal/team", {}, "is no registry"),
        ("registry-1.docker.io", {}, "as docker.io"),
        ("registry.internal", {"username": "robot"}, "one of them is missing"),
        ("registry.internal", {"password": "x"}, "one of them is missing"),
        ("registry.internal", {"username": "a", "password": "b", "plain": True}, "plain http"),
        ("registry.internal", {"realms": ("https://auth.internal/token",)}, "no host"),
        ("registry.internal", {"ca": "nothing"}, "no PEM block"),
        ("registry.internal", {"ca": "-----BEGIN PRIVATE KEY-----"}, "private key"),
        ("registry.internal", {"username": "-----BEGIN PRIVATE KEY-----", "password": "x"}, "private key"),
        ("registry.internal", {"username": "a\x00", "password": "x"}, "cannot be seen"),
        ("registry.internal", {"username": "a", "password": "\ud800"}, "cannot be seen"),
        ("registry.internal", {"realms": tuple(f"a{n}.internal" for n in range(21))}, "More than"),
    ],
)
def test_what_makes_no_registry_is_refused(host: str, told: dict[str, Any], why: str) -> None:
    with pytest.raises(ProvingError, match=why):
        register(host, **told)
    assert not ImageRegistry.objects.exists()


def test_its_own_certificates_are_kept_as_certificates_alone() -> None:
    authority = make_ca()
    row = register(ca=f"some words\n{authority.pem}")
    assert "some words" not in row.ca
    assert row.ca.startswith("-----BEGIN CERTIFICATE-----")


def test_sealing_keys_can_be_rotated_and_a_lost_one_is_told(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.LOADLINE_SEALING_KEYS = [old]
    register(username="robot", password="hunter2")
    settings.LOADLINE_SEALING_KEYS = [new, old]
    assert reseal_registries() == (1, ())
    settings.LOADLINE_SEALING_KEYS = [new]
    told = registered("registry.internal")
    assert told is not None
    assert told.password == "hunter2"
    settings.LOADLINE_SEALING_KEYS = [old]
    with pytest.raises(Unreachable, match="no longer holds"):
        registered("registry.internal")
    assert reseal_registries() == (0, ("registry.internal",))
