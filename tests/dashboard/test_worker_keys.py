from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.db import OperationalError

from dashboard.worker_keys import obstacle
from fleet.models import Host
from fleet.sealing import seal
from tests.rows import host_row


@pytest.fixture(autouse=True)
def kept_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker forks after it; this test has its rows in the open transaction."""
    monkeypatch.setattr("dashboard.worker_keys.connection.close", lambda: None)


@pytest.mark.django_db
def test_without_credentials_any_key_will_do() -> None:
    host_row()
    assert obstacle() is None


@pytest.mark.django_db
def test_keys_that_open_nothing_are_an_obstacle_and_the_sentence_names_the_variable(settings: LazySettings) -> None:
    host_row(sealed_ca=seal("certificate"))
    assert obstacle() is None
    settings.LOADLINE_SEALING_KEYS = [Fernet.generate_key().decode()]
    assert str(obstacle()).startswith("LOADLINE_SEALING_KEYS holds none of the keys")


@pytest.mark.django_db
def test_one_host_whose_key_is_lost_stops_no_worker(settings: LazySettings) -> None:
    """That host says so itself when it is swept."""
    host_row("lost", sealed_key=seal("key"))
    settings.LOADLINE_SEALING_KEYS = [Fernet.generate_key().decode()]
    host_row("good", sealed_key=seal("key"))
    assert obstacle() is None


def test_a_database_that_is_away_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(Host.objects, "exclude", away)
    assert obstacle() is None
