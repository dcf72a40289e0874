from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.db import DatabaseError
from django.test import Client

from dashboard import health
from dashboard.disk import LEAST_ROOM


@pytest.fixture(autouse=True)
def _ask_afresh() -> Iterator[None]:
    health.remembered.forget()
    yield
    health.remembered.forget()


def test_the_process_answers_without_a_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_a_migrated_database_and_a_reachable_broker_are_ready(client: Client) -> None:
    reply = client.get("/readyz")
    assert reply.status_code == 200
    assert reply.json() == {"ready": True, "database": "ok", "migrations": "ok", "broker": "ok", "disk": "ok"}


@pytest.mark.django_db
def test_a_part_that_is_missing_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise health.NotReadyError("the broker does not answer")

    monkeypatch.setitem(health.PROBES, "broker", gone)
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert (reply.json()["ready"], reply.json()["broker"]) == (False, "the broker does not answer")


@pytest.mark.django_db
def test_a_database_that_fails_is_named_without_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("password authentication failed for hush")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    with pytest.raises(health.NotReadyError, match=r"^the database does not answer$"):
        health.database()


def test_a_broker_that_is_away_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = health.app.connection_for_write("redis://:hush@127.0.0.1:1/0", connect_timeout=0.2)
    monkeypatch.setattr(health.app, "connection_for_write", lambda **_: absent)
    with pytest.raises(health.NotReadyError, match=r"^the broker does not answer$"):
        health.broker()


@pytest.mark.django_db
def test_a_busy_prober_is_answered_from_memory(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setitem(health.PROBES, "database", lambda: asked.append("database"))
    for _ in range(5):
        assert client.get("/readyz").status_code == 200
    assert asked == ["database"]


def test_a_full_disk_is_not_ready_where_the_database_is_embedded(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=LEAST_ROOM - 1))
    settings.EMBEDDED_DATABASE = True
    with pytest.raises(health.NotReadyError, match="full"):
        health.disk()
    settings.EMBEDDED_DATABASE = False
    health.disk()
