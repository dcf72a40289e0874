from __future__ import annotations

import time
from pathlib import Path

import pytest

from fleet.transport import Code, Diagnosis, Endpoint, Limits, Outcome, StepName, TlsMaterial, diagnose
from tests.certificates import issue, make_ca
from tests.fleet.transport import hostile
from tests.fleet.transport.hostile import Behaviour, Peer, answer, engine_until, hostile_peer
from tests.fleet.transport.tls import material, server_context

BRIEF = Limits(request_seconds=0.5, sweep_seconds=2, connect_seconds=0.5)
CA = make_ca()
OTHER_CA = make_ca("Another authority")
SERVER = issue(CA, "127.0.0.1")
CLIENT = issue(CA, "loadline", client=True)
OK, WARNING, FAILED, SKIPPED = Outcome.OK, Outcome.WARNING, Outcome.FAILED, Outcome.SKIPPED


def _outcomes(diagnosis: Diagnosis) -> dict[str, Outcome]:
    assert [step.name for step in diagnosis.steps] == list(StepName)
    return {step.name.value: step.outcome for step in diagnosis.steps}


def _failed(diagnosis: Diagnosis) -> str:
    """The step that failed; what is later was not tried."""
    outcomes = _outcomes(diagnosis)
    name = next(name for name, outcome in outcomes.items() if outcome is FAILED)
    later = list(outcomes)[list(outcomes).index(name) + 1 :]
    assert all(outcomes[after] is SKIPPED for after in later)
    assert not diagnosis.ok
    return name


def test_an_engine_over_mutual_tls_passes_every_step() -> None:
    with hostile_peer(hostile.engine, tls=server_context(SERVER, clients=CA)) as url:
        diagnosis = diagnose(Endpoint(url, material(CA, CLIENT)), limits=BRIEF)
    assert set(_outcomes(diagnosis).values()) == {OK}
    assert diagnosis.ok
    assert diagnosis.error is None
    assert diagnosis.code is None
    assert (diagnosis.engine, diagnosis.version) == ("docker", "20.10.24")
    assert (diagnosis.api_version, diagnosis.engine_name) == ("1.41", "node-1")
    assert "issued to CN=127.0.0.1 for 127.0.0.1 by CN=Test authority" in diagnosis.steps[4].sentence


def test_plain_tcp_passes_with_a_warning() -> None:
    with hostile_peer(hostile.engine) as url:
        diagnosis = diagnose(url, limits=BRIEF)
    assert diagnosis.ok
    assert _outcomes(diagnosis)["encryption"] is WARNING
    assert "every user of this machine controls the engine" in diagnosis.warnings[0]


def test_a_socket_needs_no_name_and_no_encryption(tmp_path: Path) -> None:
    with hostile_peer(hostile.engine, path=f"{tmp_path}/s") as url:
        diagnosis = diagnose(url, limits=BRIEF)
    assert diagnosis.ok
    assert diagnosis.warnings == ()
    assert [name for name, outcome in _outcomes(diagnosis).items() if outcome is SKIPPED] == [
        "name",
        "encryption",
        "certificate",
    ]


@pytest.mark.parametrize(
    ("url", "tls", "step", "code", "words"),
    [
        ("nonsense", None, "address", Code.BAD_ENDPOINT, "starts with none of"),
        ("tcp://node-1", TlsMaterial(ca="x"), "address", Code.BAD_ENDPOINT, "ca.pem"),
        ("tcp://no-such-host.invalid", None, "name", Code.DNS, "no-such-host.invalid"),
        ("tcp://127.0.0.1:1", None, "connection", Code.REFUSED, "refused the connection"),
        ("unix:///nowhere/docker.sock", None, "connection", Code.NO_SOCKET, "does not exist"),
    ],
)
def test_the_first_wrong_thing_is_named(url: str, tls: TlsMaterial | None, step: str, code: Code, words: str) -> None:
    diagnosis = diagnose(url, tls=tls, limits=BRIEF)
    assert _failed(diagnosis) == step
    assert diagnosis.code == code
    assert words in (diagnosis.error or "")


@pytest.mark.parametrize(
    ("behaviour", "step", "code"),
    [
        (hostile.hang, "engine", Code.TIMEOUT),
        (hostile.drip_body, "engine", Code.TIMEOUT),
        (hostile.reset, "engine", Code.RESET),
        (hostile.html, "engine", Code.NOT_AN_ENGINE),
        (hostile.html_404, "engine", Code.NOT_AN_ENGINE),
        (hostile.redirect, "engine", Code.NOT_AN_ENGINE),
        (hostile.garbage, "engine", Code.NOT_AN_ENGINE),
        (hostile.wrong_type, "engine", Code.NOT_AN_ENGINE),
        (engine_until("/version", hostile.deep), "engine", Code.BAD_JSON),
        (hostile.old_engine, "api", Code.API_TOO_OLD),
        (hostile.future_engine, "api", Code.API_TOO_NEW),
        (engine_until("/containers/json", hostile.half), "reading", Code.TRUNCATED),
        (engine_until("/info", hostile.drip_header), "reading", Code.TIMEOUT),
    ],
)
def test_a_peer_that_is_no_good_engine_is_told_apart(behaviour: Behaviour, step: str, code: Code) -> None:
    began = time.monotonic()
    with hostile_peer(behaviour) as url:
        diagnosis = diagnose(url, limits=BRIEF)
    assert time.monotonic() - began < 3
    assert _failed(diagnosis) == step
    assert diagnosis.code == code


def test_an_engine_that_is_too_old_is_still_named() -> None:
    with hostile_peer(hostile.old_engine) as url:
        diagnosis = diagnose(url, limits=BRIEF)
    assert _outcomes(diagnosis)["engine"] is OK
    assert diagnosis.engine == "docker"
    assert "19.03.15" in (diagnosis.version or "")


def test_a_proxy_that_forbids_reading_is_named() -> None:
    def proxy(peer: Peer) -> None:
        while line := peer.request():
            if "/containers/json" in line or "/_ping" in line:
                answer(peer, b"<html><h1>403 Forbidden</h1></html>", kind="text/html", status="403 Forbidden")
            else:
                hostile._as_engine(peer, line, hostile.VERSION)

    with hostile_peer(proxy) as url:
        diagnosis = diagnose(url, limits=BRIEF)
    assert _failed(diagnosis) == "reading"
    assert diagnosis.code == Code.FORBIDDEN
    assert "allow it there" in (diagnosis.error or "")


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (issue(CA, "127.0.0.1", expired=True), ("has expired", "valid until 20", "issued to CN=127.0.0.1")),
        (issue(OTHER_CA, "127.0.0.1"), ("not signed by the registered authority", "by CN=Another authority")),
        (issue(CA, "node-2.example"), ("issued for another name", "for node-2.example")),
    ],
)
def test_a_wrong_certificate_is_described(server: object, words: tuple[str, ...]) -> None:
    with hostile_peer(hostile.engine, tls=server_context(server)) as url:  # type: ignore[arg-type]
        diagnosis = diagnose(url, tls=material(CA), limits=BRIEF)
    assert _failed(diagnosis) == "certificate"
    assert diagnosis.code == Code.CERTIFICATE
    assert _outcomes(diagnosis)["encryption"] is OK
    for word in words:
        assert word in (diagnosis.error or "")


@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])
def test_a_refused_client_certificate_is_described_and_not_the_engines(newest: str) -> None:
    ours = issue(OTHER_CA, "loadline", client=True)
    with hostile_peer(hostile.engine, tls=server_context(SERVER, clients=CA, newest=newest)) as url:
        diagnosis = diagnose(url, tls=material(CA, ours), limits=BRIEF)
    assert _failed(diagnosis) == "certificate"
    assert "refused Loadline's client certificate" in (diagnosis.error or "")
    assert "issued to CN=loadline by CN=Another authority" in (diagnosis.error or "")


def test_a_client_certificate_that_is_missing_is_said_to_be() -> None:
    with hostile_peer(hostile.engine, tls=server_context(SERVER, clients=CA)) as url:
        diagnosis = diagnose(url, tls=material(CA), limits=BRIEF)
    assert _failed(diagnosis) == "certificate"
    assert (diagnosis.error or "").endswith("None was shown.")


@pytest.mark.parametrize("behaviour", [hostile.silent, hostile.drip_handshake])
def test_a_handshake_that_hangs_fails_encryption_in_time(behaviour: Behaviour) -> None:
    began = time.monotonic()
    with hostile_peer(behaviour) as url:
        diagnosis = diagnose(url, tls=material(CA), limits=BRIEF)
    assert time.monotonic() - began < 2
    assert _failed(diagnosis) == "encryption"
    assert diagnosis.code == Code.TIMEOUT
    assert "the TLS handshake" in (diagnosis.error or "")


def test_ssh_that_fails_fails_at_the_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ssh").write_text("#!/bin/sh\necho 'Host key verification failed.' >&2\nexit 255\n")
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    diagnosis = diagnose("ssh://node-1", limits=BRIEF)
    assert _failed(diagnosis) == "engine"
    assert diagnosis.code == Code.SSH
