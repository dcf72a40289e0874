from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest
import requests

from fleet.transport import (
    BadCertificate,
    CertificateRefused,
    Endpoint,
    EngineClient,
    Limits,
    NotAvailable,
    NotFound,
    RefusedByGuard,
    Timeout,
    TlsFailed,
    TlsMaterial,
    diagnose,
)
from fleet.transport.allow_list import ALLOW_LIST
from tests.certificates import make_ca
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import FOREVER, RealEngine

pytestmark = pytest.mark.engine


def _material(folder: Path) -> TlsMaterial:
    return TlsMaterial(*((folder / name).read_text() for name in ("ca.pem", "cert.pem", "key.pem")))


def test_every_line_of_the_allow_list_is_answered(engine: RealEngine) -> None:
    container = engine.run("web", command=FOREVER)
    names = {"{id}": container.id, "{image}": container.image.id}
    with EngineClient(Endpoint(engine.url)) as client:
        assert client.negotiate() == "1.41"
        for allowed in ALLOW_LIST:
            path = allowed.path.replace("/networks/{id}", "/networks/bridge")
            if path in ("/_ping", "/volumes/{id}"):
                continue
            if path.endswith("/archive"):  # asked with HEAD, of a container that nobody has
                assert client.probe() == HTTPStatus.NOT_FOUND
                continue
            for placeholder, name in names.items():
                path = path.replace(placeholder, str(name))
            try:
                client.get(path, params={"until": "1"} if allowed.must else None)
            except NotAvailable:
                assert path in ("/services", "/tasks", "/nodes")
            except NotFound:
                assert path.endswith("/attestations")


def test_nothing_that_changes_or_reveals_reaches_the_engine(engine: RealEngine) -> None:
    container = engine.run("web", command=FOREVER)
    with EngineClient(Endpoint(engine.url)) as client:
        session = client._session
        for attempt in (
            lambda: session.stop(container.id),
            lambda: session.remove_container(container.id, force=True),
            lambda: session.create_container("busybox:local", "true"),
            lambda: session.exec_create(container.id, "id"),
            lambda: session.get_archive(container.id, "/etc/passwd"),
            lambda: session.export(container.id),
            lambda: session.logs(container.id),
            lambda: session.get_image("busybox:local"),
            session.inspect_swarm,
            session.get_unlock_key,
            session.configs,
            session.secrets,
            lambda: client.get("/swarm"),
            lambda: client.get(f"/containers/{container.id}/archive", params={"path": "/etc"}),
        ):
            with pytest.raises(RefusedByGuard):
                attempt()
    container.reload()
    assert container.status == "running"
    assert len(engine.client.containers.list(all=True)) == 1


def test_join_tokens_would_be_had_for_the_asking_but_never_come(three_engines: ThreeEngines) -> None:
    manager = three_engines.manager
    assert "SWMTKN" in str(manager.client.swarm.attrs or manager.client.api.inspect_swarm())
    with EngineClient(Endpoint(manager.url)) as client:
        for path in ("/version", "/info", "/services", "/tasks", "/nodes", "/networks", "/plugins"):
            assert "SWMTKN" not in str(client.get(path))
        with pytest.raises(RefusedByGuard):
            client.get("/swarm")


def test_mutual_tls_reaches_dockerd(three_engines: ThreeEngines) -> None:
    secured = three_engines.secured
    assert secured.certificates is not None
    diagnosis = diagnose(secured.tls_url, tls=_material(secured.certificates.client))
    assert diagnosis.ok, diagnosis.error
    assert (diagnosis.engine, diagnosis.api_version) == ("docker", "1.41")
    assert diagnosis.warnings == ()


def test_dockerd_refuses_who_shows_no_certificate_or_the_wrong_one(three_engines: ThreeEngines) -> None:
    secured = three_engines.secured
    assert secured.certificates is not None
    good = _material(secured.certificates.client)
    # The server's own pair is signed by the right authority, but not for client use.
    wrong_use = TlsMaterial(good.ca, *((secured.certificates.server / n).read_text() for n in ("cert.pem", "key.pem")))
    for tls in (TlsMaterial(good.ca), wrong_use):
        for _ in range(5):
            with EngineClient(Endpoint(secured.tls_url, tls)) as client, pytest.raises(CertificateRefused):
                client.get("/info")


def test_dockerd_is_not_believed_under_another_authority(three_engines: ThreeEngines) -> None:
    secured = three_engines.secured
    with (
        EngineClient(Endpoint(secured.tls_url, TlsMaterial(make_ca().pem))) as client,
        pytest.raises(BadCertificate, match="not signed by the registered authority"),
    ):
        client.get("/info")


def test_dockerds_tls_port_asked_in_the_clear_wants_tls(three_engines: ThreeEngines) -> None:
    url = three_engines.secured.tls_url
    with EngineClient(Endpoint(url)) as client, pytest.raises(TlsFailed, match="speaks TLS only"):
        client.get("/info")


def test_a_paused_engine_costs_its_limit_and_no_more(engine: RealEngine) -> None:
    limits = Limits(request_seconds=0.5, sweep_seconds=1)
    engine.pause()
    try:
        with (
            EngineClient(Endpoint(engine.url), limits=limits) as client,
            pytest.raises(Timeout, match=r"within 0\.5 s"),
        ):
            client.get("/info")
    finally:
        engine.resume()
    with EngineClient(Endpoint(engine.url)) as client:
        assert isinstance(client.get("/info"), dict)


def test_the_docker_packages_reading_still_works_through_the_guard(engine: RealEngine) -> None:
    container = engine.run("web", command=FOREVER)
    with EngineClient(Endpoint(engine.url)) as client:
        client.negotiate()
        client._session._version = client.api_version
        assert client._session.inspect_container(container.id)["Id"] == container.id
        assert isinstance(client._session.get(f"{client._session.base_url}/version"), requests.Response)
