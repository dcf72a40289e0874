from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests import servers
from tests.migrated import copy_sqlite


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [settings.BASE_DIR / "loadline", *words],
        env={**own, "LOADLINE_DATA": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_before_the_first_up_makes_the_tables(tmp_path: Path) -> None:
    for words, said in ((("host", "list"), "No host is registered yet"), (("token", "create", "x"), "ll_")):
        done = run(tmp_path, *words)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        assert said in done.stdout


@pytest.mark.django_db
@pytest.mark.parametrize("words", [("findings",), ("host", "list"), ("sweep",), ("token", "list")], ids=" ".join)
def test_whichever_command_comes_first_makes_them(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    made: list[str] = []
    monkeypatch.setattr(connection.introspection, "table_names", list)
    monkeypatch.setattr("fleet.management.base.call_command", lambda name, **_options: made.append(name))
    if connection.vendor == "sqlite":
        call_command(*words)
        assert made == ["migrate"]
    else:
        with pytest.raises(CommandError, match="has no tables yet"):
            call_command(*words)
        assert made == []


#: What takes long to load, and neither sweeping nor looking needs: what reads certificates and signatures, what asks
#: registries, what judges and proves, the pages and the queue.
NEEDLESS = (
    "celery",
    "cryptography",
    "dashboard.urls",
    "django.contrib.postgres",
    "django_tables2",
    "docker",
    "fleet.adoption",
    "fleet.assessment.hosts",
    "fleet.assessment.services",
    "fleet.proving.prover",
    "fleet.proving.roots",
    "fleet.reach",
    "fleet.transport.diagnosis",
    "ninja",
    "psycopg2",
    "requests",
    "yaml",
)


@pytest.mark.parametrize("words", [("sweep",), ("host", "list")], ids=" ".join)
def test_a_command_loads_nothing_that_it_does_not_need(tmp_path: Path, words: tuple[str, ...]) -> None:
    copy_sqlite(tmp_path)
    code = "import sys, manage; manage.main(); print(*sys.modules)"
    own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**own, "LOADLINE_DATA": str(tmp_path)},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "fleet.models" in loaded, done.stderr
    assert loaded & set(NEEDLESS) == set()


@pytest.mark.parametrize("name", NEEDLESS)
def test_what_is_not_loaded_is_there(name: str) -> None:
    """Else it would be left out for ever whoever loads what took its place."""
    assert importlib.util.find_spec(name)


@pytest.mark.postgres
@pytest.mark.slow
def test_a_server_without_tables_is_left_to_whoever_owns_it(tmp_path: Path) -> None:
    with servers.postgresql() as address:
        done = run(tmp_path, "host", "list", DATABASE_URL=address)
    assert done.returncode == 1
    assert done.stderr == "CommandError: The database has no tables yet; ./loadline migrate makes them.\n"


@pytest.mark.django_db
def test_tables_that_are_there_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.introspection.table_names()
    monkeypatch.setattr("fleet.management.base.call_command", lambda *_args, **_options: pytest.fail("migrated"))
    with pytest.raises(CommandError, match="No host is named nowhere"):
        call_command("sweep", "nowhere")
