from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from fleet.transport import (
    BadCertificate,
    BadEndpoint,
    CertificateRefused,
    Endpoint,
    EngineClient,
    Limits,
    Timeout,
    TlsFailed,
    TlsMaterial,
    TooLarge,
    TransportError,
)
from fleet.transport.tls import context_for
from tests.certificates import issue, make_ca
from tests.fleet.transport import hostile
from tests.fleet.transport.hostile import hostile_peer
from tests.fleet.transport.tls import material, server_context

BRIEF = Limits(request_seconds=0.5, sweep_seconds=3, connect_seconds=0.5, reply_bytes=1024 * 1024)
CA = make_ca()
OTHER_CA = make_ca("Another authority")
SERVER = issue(CA, "127.0.0.1")
CLIENT = issue(CA, "loadline", client=True)


@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])
def test_both_sides_show_their_certificates(newest: str) -> None:
    context = server_context(SERVER, clients=CA, newest=newest)
    with (
        hostile_peer(hostile.engine, tls=context) as url,
        EngineClient(Endpoint(url, material(CA, CLIENT)), limits=BRIEF) as client,
    ):
        assert client.negotiate() == "1.41"
        assert client.get("/containers/json") == []


@pytest.mark.parametrize(
    ("server", "ca", "words"),
    [
        (issue(CA, "127.0.0.1", expired=True), CA, "has expired"),
        (issue(CA, "127.0.0.1", not_yet=True), CA, "not valid yet"),
        (issue(OTHER_CA, "127.0.0.1"), CA, "not signed by the registered authority"),
        (issue(CA, "node-2.example"), CA, "issued for another name"),
        (issue(CA, "10.9.8.7"), CA, "issued for another name"),
        (issue(CA, "127.0.0.1", client=True), CA, "does not verify"),
        (SERVER, None, "not signed by the registered authority"),
    ],
)
def test_a_certificate_that_does_not_verify_ends_it(server: object, ca: object, words: str) -> None:
    with (
        hostile_peer(hostile.engine, tls=server_context(server)) as url,  # type: ignore[arg-type]
        EngineClient(Endpoint(url, material(ca)), limits=BRIEF) as client,  # type: ignore[arg-type]
        pytest.raises(BadCertificate) as caught,
    ):
        client.get("/info")
    assert words in str(caught.value)
    assert not isinstance(caught.value, CertificateRefused)


@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize(
    "pair", [None, issue(OTHER_CA, "loadline", client=True), issue(CA, "loadline", client=True, expired=True)]
)
def test_an_engine_that_refuses_our_certificate_is_named_as_such(newest: str, pair: object) -> None:
    context = server_context(SERVER, clients=CA, newest=newest)
    with (
        hostile_peer(hostile.engine, tls=context) as url,
        EngineClient(Endpoint(url, material(CA, pair)), limits=BRIEF) as client,  # type: ignore[arg-type]
        pytest.raises(TransportError) as caught,
    ):
        client.get("/info")
    if newest == "TLSv1_2" and pair is None:
        # OpenSSL's servers have no word of their own for this; dockerd does.
        assert "See that the client certificate that it asks for is registered" in str(caught.value)
    else:
        assert isinstance(caught.value, CertificateRefused), caught.value


@pytest.mark.parametrize("behaviour", [hostile.silent, hostile.drip_handshake])
def test_a_handshake_that_drags_on_ends_in_time(behaviour: hostile.Behaviour) -> None:
    began = time.monotonic()
    with (
        hostile_peer(behaviour) as url,
        EngineClient(Endpoint(url, material(CA)), limits=BRIEF) as client,
        pytest.raises(Timeout, match=r"within 0\.5 s"),
    ):
        client.get("/info")
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [(hostile.drip_body, Timeout), (hostile.huge_chunked, TooLarge), (hostile.drip_header, Timeout)],
)
def test_limits_hold_inside_tls(behaviour: hostile.Behaviour, kind: type[TransportError]) -> None:
    began = time.monotonic()
    with (
        hostile_peer(behaviour, tls=server_context(SERVER)) as url,
        EngineClient(Endpoint(url, material(CA)), limits=BRIEF) as client,
        pytest.raises(kind),
    ):
        client.get("/info")
    assert time.monotonic() - began < 1.5


def test_a_plain_port_is_not_spoken_to_in_the_clear() -> None:
    with (
        hostile_peer(hostile.html) as url,
        EngineClient(Endpoint(url, material(CA, CLIENT)), limits=BRIEF) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.get("/info")
    assert caught.value.code in {"tls", "timeout"}


def test_an_answer_in_plain_http_is_told_apart() -> None:
    def plain(peer: hostile.Peer) -> None:
        peer.sock.recv(1000)
        peer.send(b"HTTP/1.0 400 Bad Request\r\n\r\n")

    with (
        hostile_peer(plain) as url,
        EngineClient(Endpoint(url, material(CA)), limits=BRIEF) as client,
        pytest.raises(TlsFailed, match="does not speak TLS"),
    ):
        client.get("/info")


def test_a_tls_port_asked_in_the_clear_says_what_it_wants() -> None:
    def secured(peer: hostile.Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")

    with (
        hostile_peer(secured) as url,
        EngineClient(Endpoint(url), limits=BRIEF) as client,
        pytest.raises(TlsFailed, match="speaks TLS only"),
    ):
        client.get("/info")


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        (TlsMaterial(ca="not a certificate"), "ca.pem"),
        (TlsMaterial(ca=CA.pem.replace("M", "!", 3)), "ca.pem"),
        (TlsMaterial(ca="é" * 10), "ca.pem"),
        (TlsMaterial(ca=CA.pem, certificate="x", key="y"), "issued as a pair"),
        (TlsMaterial(ca=CA.pem, certificate=CLIENT.certificate, key=SERVER.key), "issued as a pair"),
        (TlsMaterial(ca=CA.pem, certificate=CLIENT.certificate, key=CLIENT.key[:90]), "issued as a pair"),
    ],
)
def test_material_that_cannot_be_used_is_refused_without_being_shown(tls: TlsMaterial, words: str) -> None:
    with pytest.raises(BadEndpoint) as caught:
        context_for(tls)
    assert words in str(caught.value)
    assert "PRIVATE" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_locked_key_does_not_ask_on_the_terminal() -> None:
    locked = issue(CA, "loadline", client=True, passphrase="secret")
    with pytest.raises(BadEndpoint, match="pass phrase"):
        context_for(material(CA, locked))


def test_a_key_never_stays_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    written: list[int] = []
    make = tempfile.mkstemp

    def note(*arguments: object, **options: object) -> tuple[int, str]:
        number, path = make(*arguments, **options)  # type: ignore[call-overload]
        written.append(Path(path).stat().st_mode & 0o777)
        return number, path

    monkeypatch.setattr(tempfile, "mkstemp", note)
    context_for(material(CA, CLIENT))
    # As on a system that cannot make a file in memory.
    monkeypatch.delattr(os, "memfd_create", raising=False)
    context_for(material(CA, CLIENT))
    with pytest.raises(BadEndpoint):
        context_for(TlsMaterial(ca=CA.pem, certificate="x", key="y"))
    assert set(written) == {0o600}
    assert list(tmp_path.iterdir()) == []
