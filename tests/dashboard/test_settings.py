from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def manage(*arguments: str, data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments],
        env={**own, "LOADLINE_DATA": str(data), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path: Path) -> None:
    result = manage("check", data=tmp_path, LOADLINE_SWEEP_SECONDS="abc")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "loadline: LOADLINE_SWEEP_SECONDS=abc is not a whole number\n"


def test_the_installation_passes_djangos_own_deployment_checks_behind_https(tmp_path: Path) -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", data=tmp_path, LOADLINE_HTTPS="1")
    assert result.returncode == 0, result.stderr


def test_plain_http_does_not_pass_them(tmp_path: Path) -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", data=tmp_path)
    assert "SECURE_SSL_REDIRECT" in result.stderr
    assert result.returncode == 1


def test_sqlite_takes_its_write_lock_at_once_and_lets_readers_pass(tmp_path: Path) -> None:
    ask = """
from django.db import connection
with connection.cursor() as cursor:
    for pragma in ("journal_mode", "foreign_keys", "busy_timeout"):
        print(cursor.execute(f"PRAGMA {pragma}").fetchone()[0])
print(connection.transaction_mode)
"""
    result = manage("shell", "--no-imports", "-c", ask, data=tmp_path)
    assert result.stdout.split() == ["wal", "1", "20000", "IMMEDIATE"], result.stderr


def test_two_variables_move_it_to_postgresql_and_redis(tmp_path: Path) -> None:
    ask = """
from django.conf import settings
print(settings.DATABASES["default"]["ENGINE"], settings.CELERY_BROKER_URL, settings.EMBEDDED_DATABASE)
"""
    result = manage(
        *("shell", "--no-imports", "-c", ask),
        data=tmp_path,
        DATABASE_URL="postgres://me@db/loadline",
        CELERY_BROKER_URL="redis://queue/0",
    )
    assert result.stdout.split() == ["django.db.backends.postgresql", "redis://queue/0", "False"], result.stderr
