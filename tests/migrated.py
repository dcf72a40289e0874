"""Databases with all tables, and what `up` collects, made once and copied: making them anew says nothing new.

What begins on an empty database is tests/acceptance/test_main_job.py, tests/dashboard/test_up.py and
tests/fleet/management/test_base.py.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings

SQLITE = "loadline.sqlite3"
COLLECT = "from dashboard import first_run; first_run.collect_static()"


def copy_sqlite(folder: Path) -> None:
    """Puts one where an installation with that folder will look for its own."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(_kept_sqlite(), folder / SQLITE)


def copy_static(folder: Path) -> None:
    """The same of style sheets and scripts under names with their hash; stale ones it would collect anew."""
    from dashboard import first_run  # not before a test run has said what its settings are

    with place("static") as kept:
        collected = kept / "static"
        stamp = collected / "stamp"
        if not stamp.exists() or stamp.read_text() != first_run.fingerprint():
            _manage("shell", "--no-imports", "-c", COLLECT, LOADLINE_DATA=str(kept))
        shutil.copytree(collected, folder / "static")


@contextmanager
def copied_to(connection: Any) -> Iterator[None]:
    """Inside, Django makes its test database with all tables in it; its own migrating then finds nothing to do."""
    copied = _copied_template if connection.vendor == "postgresql" else _copied_memory
    with copied(connection):
        yield


@contextmanager
def _copied_memory(connection: Any) -> Iterator[None]:
    # A database in memory lasts as long as somebody is connected to it.
    address = connection.creation._get_test_db_name()
    with closing(sqlite3.connect(address, uri=True)) as keeper:
        with closing(sqlite3.connect(_kept_sqlite())) as kept:
            kept.backup(keeper)
        yield


@contextmanager
def _copied_template(connection: Any) -> Iterator[None]:
    name = _template()
    with place("template") as kept, connection._nodb_cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            # Under another name until it is whole.
            cursor.execute(f"DROP DATABASE IF EXISTS {name}_half")
            cursor.execute(f"CREATE DATABASE {name}_half")
            migrate(DATABASE_URL=_beside(os.environ["DATABASE_URL"], f"{name}_half"), LOADLINE_DATA=str(kept / "own"))
            cursor.execute(f"ALTER DATABASE {name}_half RENAME TO {name}")
    connection.settings_dict["TEST"]["TEMPLATE"] = name
    yield


def drop_template() -> None:
    """For whoever ends a run, so that nothing stays on a server."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        with closing(psycopg2.connect(_beside(url, "postgres"))) as server, server.cursor() as cursor:
            server.autocommit = True
            cursor.execute(f"DROP DATABASE IF EXISTS {_template()}")


def _template() -> str:
    return f"loadline_tables_{_state()}"


def _beside(url: str, name: str) -> str:
    """Another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _kept_sqlite() -> Path:
    with place("sqlite") as kept:
        if not (kept / "done").exists():
            migrate(LOADLINE_DATA=str(kept))
            (kept / "done").touch()
    return kept / SQLITE


@contextmanager
def place(name: str) -> Iterator[Path]:
    """A folder that stays for later runs of the same migrations; one process at a time is in it."""
    folder = Path(tempfile.gettempdir()) / f"llm-{os.getuid()}-{_state()}-{name}"
    folder.mkdir(mode=0o755, exist_ok=True)
    assert folder.stat().st_uid == os.getuid(), f"{folder} is somebody else's"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def migrate(**variables: str) -> None:
    _manage("migrate", "--verbosity", "0", "--skip-checks", **variables)


def _manage(*words: str, **variables: str) -> None:
    own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]
    done = subprocess.run(argv, env={**own, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@cache
def _state() -> str:
    """Of all that decides what tables there are: ours, and by their versions those of others."""
    files = [*sorted((settings.BASE_DIR / "fleet" / "migrations").glob("*.py")), settings.BASE_DIR / "constraints.txt"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]
