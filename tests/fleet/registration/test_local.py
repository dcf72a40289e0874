"""The engine of this very machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.models import Host
from fleet.registration import local, register_local
from fleet.transport import Diagnosis, Endpoint, Outcome, Step, StepName
from tests.builders import NOW
from tests.fleet.registration.pem import folder, material
from tests.rows import host_row

pytestmark = pytest.mark.django_db
ADDRESS = {"DOCKER_HOST": "tcp://127.0.0.1:2375"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Endpoint]:
    """An engine named vm-1 answers everywhere; which addresses were asked."""
    endpoints: list[Endpoint] = []

    def answer(endpoint: Endpoint, **_limits: Any) -> Diagnosis:
        endpoints.append(endpoint)
        return Diagnosis((), engine_name="vm 1")

    monkeypatch.setattr(local, "diagnose", answer)
    monkeypatch.setattr(local, "SOCKET", "/nonexistent/docker.sock")
    return endpoints


def test_the_engine_of_docker_host_is_registered_as_production_under_its_own_name(asked: list[Endpoint]) -> None:
    done = register_local(now=NOW, environ=ADDRESS)
    assert done is not None
    host = Host.objects.get()
    assert (done.host, done.added) == (host, True)
    assert (host.name, host.url, host.environment.slug) == ("vm-1", "tcp://127.0.0.1:2375", "production")
    assert "judged as production" in done.sentence
    assert "LOADLINE_LOCAL_ENVIRONMENT" in done.sentence


def test_doing_it_again_asks_nobody_and_changes_nothing(asked: list[Endpoint]) -> None:
    register_local(now=NOW, environ=ADDRESS)
    again = register_local(now=NOW, environ=ADDRESS)
    assert again is not None
    assert not again.added
    assert len(asked) == 1
    assert Host.objects.count() == 1


def test_the_environment_is_a_setting(asked: list[Endpoint], settings: Any) -> None:
    settings.LOADLINE_LOCAL_ENVIRONMENT = "Development"
    register_local(now=NOW, environ=ADDRESS)
    assert Host.objects.get().environment.slug == "development"


def test_an_environment_that_does_not_exist_is_told_and_stops_nothing(asked: list[Endpoint], settings: Any) -> None:
    settings.LOADLINE_LOCAL_ENVIRONMENT = "prod"
    done = register_local(now=NOW, environ=ADDRESS)
    assert done is not None
    assert done.host is None
    assert "LOADLINE_LOCAL_ENVIRONMENT: No environment is called prod" in done.sentence


def test_without_docker_host_the_socket_of_this_machine_is_asked(
    asked: list[Endpoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docker.sock").touch()
    monkeypatch.setattr(local, "SOCKET", str(tmp_path / "docker.sock"))
    register_local(now=NOW, environ={})
    assert Host.objects.get().url == f"unix://{tmp_path}/docker.sock"


def test_an_engine_without_root_is_found_in_its_own_folder(asked: list[Endpoint], tmp_path: Path) -> None:
    (tmp_path / "docker.sock").touch()
    register_local(now=NOW, environ={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert Host.objects.get().url == f"unix://{tmp_path}/docker.sock"


def test_without_any_engine_there_is_nothing_to_say(asked: list[Endpoint]) -> None:
    assert register_local(now=NOW, environ={}) is None
    assert asked == []


def test_an_engine_that_does_not_answer_is_not_registered_and_the_reason_told(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Diagnosis((Step(StepName.CONNECTION, Outcome.FAILED, "Nothing listens there."),))
    monkeypatch.setattr(local, "diagnose", lambda *_args, **_limits: refused)
    done = register_local(now=NOW, environ=ADDRESS)
    assert done is not None
    assert done.host is None
    assert "Nothing listens there." in done.sentence
    assert not Host.objects.exists()


def test_an_address_that_is_none_is_told_and_stops_nothing(asked: list[Endpoint]) -> None:
    done = register_local(now=NOW, environ={"DOCKER_HOST": "npipe:////./pipe/docker_engine"})
    assert done is not None
    assert "was not registered" in done.sentence
    assert asked == []


def test_certificates_are_taken_from_where_docker_takes_them(asked: list[Endpoint], tmp_path: Path) -> None:
    tls = material()
    folder(tmp_path / ".docker", tls)
    environ = {"DOCKER_HOST": "tcp://10.0.0.1:2376", "DOCKER_TLS_VERIFY": "1", "HOME": str(tmp_path)}
    register_local(now=NOW, environ=environ)
    assert asked[0].tls == tls
    assert Host.objects.get().credentials() == (tls.ca, tls.certificate, tls.key)


def test_docker_cert_path_alone_is_enough(asked: list[Endpoint], tmp_path: Path) -> None:
    folder(tmp_path / "keys", material())
    environ = {"DOCKER_HOST": "tcp://10.0.0.1:2376", "DOCKER_CERT_PATH": str(tmp_path / "keys")}
    register_local(now=NOW, environ=environ)
    assert Host.objects.get().has_credentials


def test_a_name_that_another_host_has_is_made_another(asked: list[Endpoint]) -> None:
    host_row("vm-1", url="tcp://10.0.0.9:2376")
    host_row("vm-1-local", url="tcp://10.0.0.8:2376")
    register_local(now=NOW, environ=ADDRESS)
    assert Host.objects.filter(name="vm-1-local-2").exists()
