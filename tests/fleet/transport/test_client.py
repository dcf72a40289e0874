from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from fleet.transport import (
    ApiTooNew,
    ApiTooOld,
    Endpoint,
    EngineClient,
    Forbidden,
    HttpError,
    Limits,
    NameNotFound,
    NoSocket,
    NotAnEngine,
    NotAvailable,
    NotFound,
    Refused,
    Reset,
    Timeout,
    TransportError,
)
from tests.fleet.transport import hostile
from tests.fleet.transport.hostile import Peer, answer, hostile_peer

BRIEF = Limits(request_seconds=1, sweep_seconds=3, connect_seconds=0.5)


class Counting:
    """An engine that remembers what it was asked, and over how many connections."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.connections = 0

    def __call__(self, peer: Peer) -> None:
        self.connections += 1
        while line := peer.request():
            self.lines.append(line.removesuffix(" HTTP/1.1"))
            hostile._as_engine(peer, line, hostile.VERSION)


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 405, 500])
def test_the_question_whether_a_proxy_filters_is_one_head_and_no_answer_is_an_error(status: int) -> None:
    lines: list[str] = []

    def answering(peer: Peer) -> None:
        while line := peer.request():
            lines.append(line)
            # The length is that of the body which a GET would have got.
            peer.send(f"HTTP/1.1 {status} Said\r\nContent-Length: 98\r\nLocation: /swarm\r\n\r\n".encode())

    with hostile_peer(answering) as url, EngineClient(Endpoint(url)) as client:
        assert client.probe() == status
    assert lines == [f"HEAD /containers/{'0' * 64}/archive?path=%2F HTTP/1.1"]


def test_version_settles_what_later_requests_ask_for() -> None:
    seen = Counting()
    with hostile_peer(seen) as url, EngineClient(Endpoint(url)) as client:
        client.get("/containers/json")
        client.get("/version")
        assert client.negotiate() == "1.41"
        client.get("/containers/json", params={"all": "1"})
        client.ping()
    assert seen.lines == [
        "GET /containers/json",
        "GET /version",
        "GET /v1.41/containers/json?all=1",
        "GET /_ping",
    ]


def test_one_connection_serves_a_whole_sweep() -> None:
    seen = Counting()
    with hostile_peer(seen) as url, EngineClient(Endpoint(url)) as client:
        for _ in range(20):
            client.get("/info")
    assert seen.connections == 1


def test_making_a_client_asks_nothing() -> None:
    seen = Counting()
    with hostile_peer(seen) as url, EngineClient(Endpoint(url)):
        time.sleep(0.05)
    assert seen.connections == 0


def test_threads_may_share_a_client() -> None:
    seen = Counting()
    results: list[object] = []
    with hostile_peer(seen) as url, EngineClient(Endpoint(url)) as client:
        threads = [threading.Thread(target=lambda: results.append(client.get("/info"))) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(results) == 12
    assert all(isinstance(result, dict) for result in results)


def test_a_kept_connection_that_the_engine_closed_is_opened_anew() -> None:
    def one_answer_each(peer: Peer) -> None:
        peer.request()
        answer(peer, b"{}")

    with hostile_peer(one_answer_each) as url, EngineClient(Endpoint(url), limits=BRIEF) as client:
        for _ in range(5):
            assert client.get("/info") == {}


def test_an_engine_that_never_answers_is_asked_twice_at_most() -> None:
    asked: list[str] = []

    def hang_up_after_one(peer: Peer) -> None:
        asked.append(peer.request())
        if len(asked) == 1:
            answer(peer, b"{}")
            asked.append(peer.request())

    with hostile_peer(hang_up_after_one) as url, EngineClient(Endpoint(url), limits=BRIEF) as client:
        client.get("/info")
        with pytest.raises(Reset):
            client.get("/info")
    assert len(asked) == 3


def test_a_client_of_an_old_engine_says_what_is_needed() -> None:
    with hostile_peer(hostile.old_engine) as url, EngineClient(Endpoint(url)) as client:
        with pytest.raises(ApiTooOld, match=r"speaks API 1\.40 at most; Loadline needs 1\.41"):
            client.negotiate()
        with pytest.raises(ApiTooOld):
            client.get("/version")


def test_a_newer_engine_is_spoken_to_in_a_version_that_loadline_knows() -> None:
    with hostile_peer(hostile.new_engine) as url, EngineClient(Endpoint(url)) as client:
        assert client.negotiate() == "1.55"


def test_an_engine_from_the_future_asks_for_a_newer_loadline() -> None:
    with (
        hostile_peer(hostile.future_engine) as url,
        EngineClient(Endpoint(url)) as client,
        pytest.raises(ApiTooNew, match="Update Loadline"),
    ):
        client.negotiate()


def test_a_reply_of_another_type_is_handed_on_but_no_version() -> None:
    with hostile_peer(hostile.wrong_type) as url, EngineClient(Endpoint(url)) as client:
        assert client.get("/info") == 42
        with pytest.raises(NotAnEngine, match="without an ApiVersion"):
            client.negotiate()


def test_events_come_as_a_list() -> None:
    def events(peer: Peer) -> None:
        peer.request()
        answer(peer, b'{"Type":"container"}\n{"Type":"network"}\n')

    with hostile_peer(events) as url, EngineClient(Endpoint(url)) as client:
        assert client.get("/events", params={"since": "1", "until": "2"}) == [
            {"Type": "container"},
            {"Type": "network"},
        ]


@pytest.mark.parametrize(
    ("server", "kind"), [("Docker/20.10.24 (linux)", "docker"), ("Libpod/4.3.1 (linux)", "podman"), ("", "docker")]
)
def test_a_ping_names_the_engine(server: str, kind: str) -> None:
    def ping(peer: Peer) -> None:
        peer.request()
        said = f"Server: {server}\r\n" if server else ""
        answer(peer, b"OK", kind="text/plain", more=f"Api-Version: 1.41\r\nOstype: linux\r\n{said}")

    with hostile_peer(ping) as url, EngineClient(Endpoint(url)) as client:
        found = client.ping()
    assert (found.kind, found.server, found.api_version, found.os_type) == (kind, server or None, "1.41", "linux")


@pytest.mark.parametrize("behaviour", [hostile.html, hostile.html_404, hostile.not_json, hostile.garbage])
def test_a_ping_of_something_else_is_no_engine(behaviour: hostile.Behaviour) -> None:
    with hostile_peer(behaviour) as url, EngineClient(Endpoint(url)) as client, pytest.raises(NotAnEngine):
        client.ping()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad Request", HttpError),
        ("403 Forbidden", Forbidden),
        ("404 Not Found", NotFound),
        ("418 I'm a teapot", HttpError),
        ("500 Internal Server Error", HttpError),
        ("501 Not Implemented", NotAvailable),
        ("503 Service Unavailable", NotAvailable),
    ],
)
def test_an_error_carries_the_engines_words_made_safe(status: str, kind: type[HttpError]) -> None:
    body = b'{"message": "no such\\u001b[31m thing\\n\\u202eevil ' + b"x" * 1000 + b'"}'

    def fail(peer: Peer) -> None:
        peer.request()
        answer(peer, body, status=status)

    with hostile_peer(fail) as url, EngineClient(Endpoint(url)) as client, pytest.raises(kind) as caught:
        client.get("/containers/json")
    sentence = str(caught.value)
    assert type(caught.value) is kind
    assert caught.value.status == int(status[:3])
    assert "no such [31m thing evil xxx" in sentence
    assert sentence.isprintable()
    assert len(sentence) < 600


def test_a_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with EngineClient(Endpoint(f"tcp://127.0.0.1:{port}")) as client, pytest.raises(Refused, match="on this port"):
        client.get("/info")


def test_a_missing_socket_is_named(tmp_path: Path) -> None:
    with EngineClient(Endpoint(f"unix://{tmp_path}/none.sock")) as client, pytest.raises(NoSocket, match="none"):
        client.get("/info")


def test_a_file_that_is_no_socket_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with EngineClient(Endpoint(f"unix://{tmp_path}/file")) as client, pytest.raises(Refused):
        client.get("/info")


def test_a_full_queue_ends_in_time(tmp_path: Path) -> None:
    path = f"{tmp_path}/s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        waiting = socket.socket(socket.AF_UNIX)
        waiting.connect(path)
        with (
            EngineClient(Endpoint(f"unix://{path}"), limits=BRIEF) as client,
            pytest.raises(TransportError) as caught,
        ):
            client.get("/info")
        waiting.close()
    assert caught.value.code in {"refused", "timeout"}


def test_a_name_nobody_knows_is_named() -> None:
    with (
        EngineClient(Endpoint("tcp://no-such-host.invalid:2375"), limits=BRIEF) as client,
        pytest.raises(NameNotFound, match=r"no-such-host\.invalid"),
    ):
        client.get("/info")


def test_a_name_server_that_hangs_costs_the_connect_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    numeric = socket.getaddrinfo

    def slow(host: str, port: int, **options: int) -> object:
        if options.get("flags"):
            return numeric(host, port, **options)
        released.wait(5)
        raise socket.gaierror("too late")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    try:
        with (
            EngineClient(Endpoint("tcp://node-1:2375"), limits=BRIEF) as client,
            pytest.raises(NameNotFound, match="no name server answered in time"),
        ):
            client.get("/info")
        assert time.monotonic() - began < 1
    finally:
        released.set()


def test_a_port_that_drops_packets_costs_the_connect_limit() -> None:
    # A listener whose queue is full drops further handshakes, as a firewall does.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        began = time.monotonic()
        with (
            EngineClient(Endpoint(f"tcp://127.0.0.1:{address[1]}"), limits=BRIEF) as client,
            pytest.raises(Timeout, match=r"accepted no connection within 0\.5 s"),
        ):
            client.get("/info")
        assert time.monotonic() - began < 1.5
        for filler in fillers:
            filler.close()


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"HttpHeaders": {"X-Secret": "1"}, "proxies": {"default": {}}}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with hostile_peer(hostile.engine) as url, EngineClient(Endpoint(url)) as client:
        assert client.negotiate() == "1.41"
        assert client._session._general_configs == {}
