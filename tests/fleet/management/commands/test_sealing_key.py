"""`./loadline sealing-key`."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as configured
from django.core.management import CommandError, call_command

from fleet.models import Host
from tests.rows import host_row


def _run(*arguments: str) -> str:
    out = StringIO()
    call_command("sealing_key", *arguments, stdout=out)
    return out.getvalue()


def test_a_new_key_seals() -> None:
    key = _run().strip()
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"
    assert _run().strip() != key


@pytest.mark.django_db
def test_rotate_counts_hosts_and_fails_for_those_it_cannot_open(settings: Any) -> None:
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.LOADLINE_SEALING_KEYS = [first]
    host = host_row("a")
    host.set_credentials(ca="x", certificate=None, key=None)
    host.save()
    assert _run("--rotate").strip().endswith("now: 1")
    settings.LOADLINE_SEALING_KEYS = [second]
    with pytest.raises(CommandError, match="No key opens the credentials of a;"):
        _run("--rotate")
    assert Host.objects.get().sealed_ca


def test_the_name_with_a_dash_is_a_command_too() -> None:
    command = [sys.executable, str(configured.BASE_DIR / "manage.py"), "sealing-key", "--help"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "--rotate" in ended.stdout
