from __future__ import annotations

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpResponse
from django.test import Client

from dashboard import health


def asked(client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception) -> HttpResponse:
    """What a page answers on which this is raised."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(health.remembered, "parts", fail)
    client.raise_request_exception = False
    return client.get("/readyz")


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection to hush failed"),
        DatabaseError("server closed the connection unexpectedly"),
        InterfaceError("connection already closed"),
    ],
)
def test_a_database_that_is_away_is_said_and_not_called_a_defect(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    reply = asked(client, monkeypatch, error)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert b"The database does not answer" in reply.content
    assert b"hush" not in reply.content


def test_a_full_disk_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    error = OperationalError("database or disk is full")
    assert b"<h1>The disk is full</h1>" in asked(client, monkeypatch, error).content


@pytest.mark.parametrize("error", [ProgrammingError("no such column"), KeyError("rule")])
def test_a_defect_is_called_one(client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    reply = asked(client, monkeypatch, error)
    assert reply.status_code == 500
    assert b"Something broke in Loadline" in reply.content
