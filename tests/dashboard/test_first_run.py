from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from dashboard import first_run


def test_a_folder_is_locked_for_as_long_as_somebody_holds_it(tmp_path: Path) -> None:
    held = first_run.lock(tmp_path)
    with pytest.raises(first_run.CannotStartError, match="already running on"):
        first_run.lock(tmp_path)
    os.close(held)
    os.close(first_run.lock(tmp_path))


def test_a_port_in_use_is_refused_with_its_number() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(first_run.CannotStartError, match=rf"^port {port} on 127\.0\.0\.1 cannot be used \(Address"):
            first_run.listen("127.0.0.1", port)


@pytest.mark.parametrize(("bind", "port"), [("127.0.0.1", 70_000), ("no.such.name.invalid", 8000)])
def test_a_port_or_address_that_does_not_exist_is_refused(bind: str, port: int) -> None:
    with pytest.raises(first_run.CannotStartError, match=rf"^port {port} on {bind} cannot be used"):
        first_run.listen(bind, port)


@pytest.mark.django_db
def test_nobody_gets_a_new_password_where_there_is_an_admin() -> None:
    User.objects.create_superuser("root", password="chosen by hand")
    assert first_run.first_admin() is None


@pytest.mark.django_db
def test_the_first_admin_gets_a_password_that_can_be_typed_from_paper() -> None:
    password = first_run.first_admin()
    assert password is not None
    assert re.fullmatch(r"([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}", password.replace("o", "p").replace("i", "j"))
    assert User.objects.get(username="admin").check_password(password)
    assert first_run.first_admin() is None


@pytest.mark.django_db
def test_a_migrated_database_is_left_alone() -> None:
    assert first_run.migrate() == 0


def test_style_sheets_are_collected_once_under_names_with_their_hash(settings: LazySettings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    assert first_run.collect_static() is True
    assert list(settings.STATIC_ROOT.glob("loadline/tokens.????????????.css"))
    assert first_run.collect_static() is False


def test_style_sheets_that_changed_are_collected_again(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    first_run.collect_static()
    monkeypatch.setattr(first_run, "fingerprint", lambda: "another release")
    assert first_run.collect_static() is True
