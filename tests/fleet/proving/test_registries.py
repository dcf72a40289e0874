"""Registries as they are registered; their passwords are sealed and leave no trace anywhere else."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from cryptography.fernet import Fernet

from fleet.models import ImageRegistry
from fleet.proving import ProvingError, register_registry, remove_registry, reseal_registries
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
