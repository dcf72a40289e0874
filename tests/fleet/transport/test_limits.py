from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.transport import Endpoint, EngineClient, Limits, TransportError
from tests.fleet.transport import hostile
from tests.fleet.transport.hostile import Behaviour, hostile_peer

BRIEF = Limits(request_seconds=0.4, sweep_seconds=5, connect_seconds=0.4, reply_bytes=4 * 1024 * 1024)

# What each peer gets, and words that its sentence has to hold.
OUTCOMES: tuple[tuple[Behaviour, str, str], ...] = (
    (hostile.silent, "timeout", "within 0.4 s"),
    (hostile.hang, "timeout", "GET /containers/json within 0.4 s"),
    (hostile.drip_status, "timeout", "within 0.4 s"),
    (hostile.drip_header, "timeout", "within 0.4 s"),
    (hostile.drip_body, "timeout", "within 0.4 s"),
    (hostile.drip_chunk, "timeout", "within 0.4 s"),
    (hostile.flood_continue, "too-large", "128 KiB of headers"),
    (hostile.many_headers, "not-an-engine", "100 headers"),
    (hostile.endless_header, "not-an-engine", "header line"),
    (hostile.huge, "too-large", "4 MiB"),
    (hostile.huge_chunked, "too-large", "4 MiB"),
    (hostile.huge_unannounced, "too-large", "4 MiB"),
    (hostile.endless_chunk_header, "not-an-engine", "chunk size"),
    (hostile.tiny_chunks, "not-an-engine", "tiny chunks"),
    (hostile.bomb, "not-an-engine", "compressed (gzip)"),
    (hostile.half, "truncated", "stopped in the middle"),
    (hostile.half_chunk, "truncated", "stopped in the middle"),
    (hostile.half_unannounced, "bad-json", "ends too early"),
    (hostile.missing_last_chunk, "truncated", "stopped in the middle"),
    (hostile.hang_up, "reset", "without answering"),
    (hostile.reset, "reset", "broke the connection"),
    (hostile.reset_in_body, "reset", "broke the connection"),
    (hostile.html, "not-an-engine", "web page"),
    (hostile.html_404, "not-an-engine", "web page"),
    (hostile.redirect, "not-an-engine", "redirected GET /containers/json to http://127.0.0.1:9/elsewhere"),
    (hostile.garbage, "not-an-engine", "SSH-2.0-OpenSSH_9.2p1"),
    (hostile.bad_utf8, "bad-json", "not UTF-8"),
    (hostile.deep, "bad-json", "absurdly deep"),
    (hostile.not_json, "bad-json", "not JSON"),
    (hostile.not_a_number, "bad-json", "not JSON"),
    (hostile.empty, "bad-json", "is empty"),
)


@pytest.mark.parametrize(("behaviour", "code", "words"), OUTCOMES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_hostile_peer_costs_little_and_gets_a_sentence(behaviour: Behaviour, code: str, words: str) -> None:
    # Where another limit is to end it, a busy machine must have the time to reach that one.
    limits = BRIEF if code == "timeout" else replace(BRIEF, request_seconds=10)
    with hostile_peer(behaviour) as url, EngineClient(Endpoint(url), limits=limits) as client:
        began = time.monotonic()
        with pytest.raises(TransportError) as caught:
            client.get("/containers/json")
        assert time.monotonic() - began < 2 or code != "timeout"
    assert caught.value.code == code
    assert words in str(caught.value)
    assert url in str(caught.value)


def test_every_behaviour_has_an_outcome() -> None:
    tested = {behaviour.__name__ for behaviour, _, _ in OUTCOMES}
    elsewhere = {"drip_handshake", "wrong_type", "engine", "old_engine", "new_engine", "future_engine"}
    public = {
        name
        for name, value in vars(hostile).items()
        if getattr(value, "__module__", "") == hostile.__name__
        and not name.startswith("_")
        and getattr(value, "__annotations__", {}).keys() == {"peer", "return"}
    }
    assert public == tested | elsewhere


def test_a_sweep_that_is_used_up_stops_the_next_request() -> None:
    limits = Limits(request_seconds=0.3, sweep_seconds=0.5)
    with hostile_peer(hostile.hang) as url, EngineClient(Endpoint(url), limits=limits) as client:
        began = time.monotonic()
        sentences = []
        for _ in range(3):
            with pytest.raises(TransportError) as caught:
                client.get("/info")
            sentences.append(str(caught.value))
        assert time.monotonic() - began < 1
    assert "within 0.3 s" in sentences[0]
    assert "used up the 0.5 s that a sweep may take" in sentences[1]
    assert "used up the 0.5 s that a sweep may take" in sentences[2]


def test_a_call_known_to_be_slow_may_have_more_time_but_not_more_than_the_sweep() -> None:
    limits = Limits(request_seconds=0.1, sweep_seconds=0.6)
    with hostile_peer(hostile.hang) as url, EngineClient(Endpoint(url), limits=limits) as client:
        began = time.monotonic()
        with pytest.raises(TransportError, match="used up"):
            client.get("/volumes", timeout=20)
        assert 0.5 < time.monotonic() - began < 1.5


def test_a_unix_socket_has_the_same_limits(tmp_path: object) -> None:
    path = f"{tmp_path}/s"
    with (
        hostile_peer(hostile.drip_body, path=path) as url,
        EngineClient(Endpoint(url), limits=BRIEF) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.get("/info")
    assert caught.value.code == "timeout"


def _open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_a_hundred_failures_leave_no_socket_and_no_thread() -> None:
    before_threads, before_files = threading.active_count(), _open_files()
    quick = Limits(request_seconds=0.02, sweep_seconds=5, reply_bytes=65536)
    for behaviour in (hostile.drip_body, hostile.half, hostile.reset, hostile.huge_chunked, hostile.html):
        with hostile_peer(behaviour) as url:
            for _ in range(20):
                with EngineClient(Endpoint(url), limits=quick) as client, pytest.raises(TransportError):
                    client.get("/info")
    assert threading.active_count() == before_threads
    assert _open_files() == before_files
