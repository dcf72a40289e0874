from __future__ import annotations

import pytest
from django.conf import LazySettings

from dashboard import processes


def test_the_web_process_takes_over_the_socket_it_is_given() -> None:
    web = processes.web(7)
    assert web.descriptors == [7]
    assert "fd://7" in web.argv


def test_worker_and_clock_run_apart() -> None:
    assert [child.name for child in processes.background()] == ["worker", "clock"]


def test_no_command_line_shows_a_secret(settings: LazySettings) -> None:
    shown = " ".join(word for child in [processes.web(7), *processes.background()] for word in child.argv)
    assert settings.SECRET_KEY not in shown
    assert settings.CELERY_BROKER_URL not in shown


def test_a_site_opened_to_the_network_answers_to_this_machines_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    monkeypatch.setattr(processes.socket, "gethostname", lambda: "wall-screen")
    hosts = processes.environment("0.0.0.0")["ALLOWED_HOSTS"].split(",")
    assert "wall-screen" in hosts
    assert "0.0.0.0" not in hosts


@pytest.mark.parametrize("bind", ["127.0.0.1", "::1"])
def test_a_site_on_this_machine_only_keeps_its_names(monkeypatch: pytest.MonkeyPatch, bind: str) -> None:
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    assert "ALLOWED_HOSTS" not in processes.environment(bind)


def test_names_that_were_given_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "loadline.example")
    assert "ALLOWED_HOSTS" not in processes.environment("0.0.0.0")
