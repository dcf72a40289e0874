"""Databases with all tables, made once and copied: each empty one costs seconds of migrating that say nothing new.

What begins on an empty database is tests/acceptance/test_main_job.py, tests/dashboard/test_up.py and
tests/fleet/management/test_base.py.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.conf import settings

SQLITE = "loadline.sqlite3"


def copy_sqlite(folder: Path) -> None:
    """Puts one where an installation with that folder will look for its own."""
    with place("sqlite") as kept:
        if not (kept / "done").exists():
            migrate(LOADLINE_DATA=str(kept))
            (kept / "done").touch()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(kept / SQLITE, folder / SQLITE)


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
    own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"]
    done = subprocess.run(argv, env={**own, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@cache
def _state() -> str:
    """Of all that decides what tables there are: ours, and by their versions those of others."""
    files = [*sorted((settings.BASE_DIR / "fleet" / "migrations").glob("*.py")), settings.BASE_DIR / "constraints.txt"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]
