"""`./loadline up` as somebody at a terminal meets it: real processes, on the embedded default and on servers."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.installations import STOP_SECONDS, Installation, until

pytestmark = [pytest.mark.slow, pytest.mark.broker]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, migrated=True)
    yield made
    made.clear()


@pytest.fixture(params=["embedded", "servers"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with contextlib.ExitStack() as stack:
        variables = {}
        if request.param == "servers":
            variables["DATABASE_URL"] = stack.enter_context(servers.postgresql())
            variables["CELERY_BROKER_URL"] = stack.enter_context(servers.redis())
        made = Installation(tmp_path, **variables)
        stack.callback(made.clear)
        yield made


def test_one_command_brings_a_fleet_to_the_pages_and_sigterm_takes_every_process_away(anywhere: Installation) -> None:
    anywhere.up("--demo")
    anywhere.ready()
    assert anywhere.status("/") == 302
    simulated = "SELECT count(*) FROM fleet_container c JOIN fleet_host h ON c.host_id = h.id WHERE h.simulated"
    until(lambda: anywhere.value(simulated) > 0)
    signs = "SELECT kind FROM fleet_signoflife ORDER BY kind"
    until(lambda: anywhere.rows(signs) == [("scheduler",), ("worker",)])
    assert anywhere.stop() < STOP_SECONDS
    assert anywhere.processes() == []
    assert anywhere.output.read_text().endswith("Stopped.\n")


def test_the_first_password_is_shown_once_and_opens_the_door(installation: Installation) -> None:
    installation.up("--no-demo")
    installation.ready()
    shown = re.search(r"admin / (\S+)", installation.output.read_text())
    assert shown is not None
    user = "from django.contrib.auth.models import User; user = User.objects.get(username='admin')"
    assert installation.ask(f"{user}; print(user.check_password('{shown[1]}'), user.is_superuser)") == "True True"
    installation.stop(signal.SIGINT)
    installation.up("--no-demo")
    installation.ready()
    again = installation.output.read_text()
    assert "admin /" not in again
    assert "./loadline changepassword admin" in again


def test_a_second_start_on_the_same_folder_says_that_the_first_runs(installation: Installation) -> None:
    installation.up("--no-demo")
    installation.ready()
    second = installation.run("up", "--port", "1")
    assert second.returncode == 1
    assert second.stderr.strip().endswith(
        "already running on " + installation.environment["LOADLINE_DATA"] + "; stop that one first"
    )
    assert len(second.stderr.splitlines()) == 1


def test_a_port_in_use_gets_one_line(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        result = installation.run("up", "--port", str(installation.port))
    assert result.returncode == 1
    assert f"port {installation.port} on 127.0.0.1 cannot be used" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_database_that_is_away_gets_one_line_without_its_password(tmp_path: Path) -> None:
    away = Installation(tmp_path, DATABASE_URL="postgres://me:hush@127.0.0.1:1/loadline")
    result = away.run("up", "--no-demo", "--port", str(away.port))
    assert result.returncode == 1
    assert "DATABASE_URL" in result.stderr
    assert "hush" not in result.stderr + result.stdout
    assert len(result.stderr.splitlines()) == 1


def test_a_broker_that_is_away_gets_one_line_without_its_password(tmp_path: Path) -> None:
    away = Installation(tmp_path, CELERY_BROKER_URL="redis://:hush@127.0.0.1:1/0")
    result = away.run("up", "--no-demo", "--port", str(away.port))
    assert result.returncode == 1
    assert "CELERY_BROKER_URL" in result.stderr
    assert "hush" not in result.stderr + result.stdout
    assert len(result.stderr.splitlines()) == 1


def test_a_worker_that_was_killed_is_replaced(installation: Installation) -> None:
    installation.up("--no-demo")
    installation.ready()
    until(lambda: len(installation.workers()) >= 3)
    before = installation.workers()
    for pid in before:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(installation.workers()) - set(before)) >= 3)
    assert "worker stopped (signal SIGKILL)" in installation.output.read_text()
    assert installation.stop() < STOP_SECONDS
    assert installation.processes() == []
