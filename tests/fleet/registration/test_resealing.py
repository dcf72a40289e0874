"""Sealing stored credentials anew."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from fleet.models import Host
from fleet.registration import Resealed, reseal_hosts
from fleet.sealing import UnsealError
from tests.rows import host_row

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def _sealed(name: str) -> Host:
    host = host_row(name)
    host.set_credentials(ca="ca", certificate="certificate", key=f"key of {name}")
    host.save()
    return host


def test_after_rotation_the_old_key_can_go(settings: Any) -> None:
    settings.LOADLINE_SEALING_KEYS = [OLD]
    _sealed("a")
    host_row("without")
    settings.LOADLINE_SEALING_KEYS = [NEW, OLD]
    assert reseal_hosts() == Resealed(1, ())
    settings.LOADLINE_SEALING_KEYS = [NEW]
    assert Host.objects.get(name="a").credentials() == ("ca", "certificate", "key of a")


def test_credentials_that_no_key_opens_are_named_and_left_alone(settings: Any) -> None:
    settings.LOADLINE_SEALING_KEYS = [OLD]
    before = _sealed("lost").sealed_key
    settings.LOADLINE_SEALING_KEYS = [NEW]
    _sealed("fine")
    assert reseal_hosts() == Resealed(1, ("lost",))
    lost = Host.objects.get(name="lost")
    assert lost.sealed_key == before
    with pytest.raises(UnsealError):
        lost.credentials()
