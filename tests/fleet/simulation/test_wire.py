from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from fleet.simulation.faults import KINDS, spread
from fleet.simulation.serving import running, serve
from fleet.simulation.synthesis import synthetic

ONE = synthetic(engines=1, containers=5)
LIST = "/containers/json"


@pytest.fixture
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    with running(spread(ONE, {request.param: 1})) as hosts:
        yield hosts[0].url.replace("tcp://", "http://")


@pytest.mark.parametrize("base", ["drip", "error500", "truncated", "huge", "badutf8"], indirect=True)
def test_an_engine_that_spoils_its_lists_still_answers_a_ping_and_its_version(base: str) -> None:
    assert requests.get(f"{base}/_ping", timeout=2).text == "OK"
    assert requests.get(f"{base}/v1.41/version", timeout=2).json()["ApiVersion"] == "1.55"


@pytest.mark.parametrize("base", ["hang"], indirect=True)
def test_a_hanging_engine_takes_the_connection_and_says_nothing(base: str) -> None:
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{base}/_ping", timeout=0.5)


@pytest.mark.parametrize("base", ["drip"], indirect=True)
def test_a_dripping_engine_sends_a_byte_and_then_takes_its_time(base: str) -> None:
    with requests.get(f"{base}{LIST}", stream=True, timeout=2) as reply:
        assert reply.status_code == 200
        started = time.monotonic()
        assert reply.raw.read(2) == b"[{"
        assert time.monotonic() - started > 0.5


@pytest.mark.parametrize("base", ["garbage"], indirect=True)
def test_a_stranger_s_web_server_answers_in_html(base: str) -> None:
    reply = requests.get(f"{base}/_ping", timeout=2)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/html")
    assert reply.text.startswith("<!doctype html>")


@pytest.mark.parametrize("base", ["reset"], indirect=True)
def test_a_resetting_engine_resets(base: str) -> None:
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        requests.get(f"{base}/_ping", timeout=2)


@pytest.mark.parametrize("base", ["error500"], indirect=True)
def test_an_internal_error_is_told_as_an_engine_tells_it(base: str) -> None:
    reply = requests.get(f"{base}{LIST}", timeout=2)
    assert reply.status_code == 500
    assert "input/output error" in reply.json()["message"]


@pytest.mark.parametrize("base", ["truncated"], indirect=True)
def test_a_truncated_list_stops_before_its_length(base: str) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{base}{LIST}", timeout=2)


@pytest.mark.parametrize("base", ["huge"], indirect=True)
def test_a_huge_list_does_not_end_soon(base: str) -> None:
    with requests.get(f"{base}{LIST}", stream=True, timeout=5) as reply:
        seen = sum(len(chunk) for chunk, _ in zip(reply.iter_content(1_000_000), range(30), strict=False))
    assert seen > 20_000_000


@pytest.mark.parametrize("base", ["badutf8"], indirect=True)
def test_a_list_that_is_not_utf_8_is_json_in_every_other_way(base: str) -> None:
    content = requests.get(f"{base}{LIST}", timeout=2).content
    with pytest.raises(UnicodeDecodeError):
        content.decode()
    assert content.decode("latin-1").startswith('["')


@pytest.mark.parametrize("base", ["slow"], indirect=True)
def test_a_slow_engine_is_right_in_the_end(base: str) -> None:
    started = time.monotonic()
    assert len(requests.get(f"{base}{LIST}", timeout=9).json()) == 5
    assert time.monotonic() - started > 0.4


@pytest.mark.parametrize("base", ["clockskew"], indirect=True)
def test_a_skewed_clock_is_minutes_ahead(base: str) -> None:
    told = datetime.fromisoformat(requests.get(f"{base}/info", timeout=2).json()["SystemTime"][:26] + "Z")
    assert 400 < (told - datetime.now(UTC)).total_seconds() < 440


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_fault_in_progress_does_not_keep_the_servers_from_stopping(kind: str) -> None:
    handle = serve(spread(ONE, {kind: 1}))
    url = handle.hosts[0].url.replace("tcp://", "http://")
    with contextlib.suppress(requests.RequestException), requests.get(f"{url}{LIST}", timeout=0.2, stream=True):
        pass
    started = time.monotonic()
    handle.stop()
    assert time.monotonic() - started < 2
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/_ping", timeout=2)


@pytest.mark.parametrize("kind", ["drip", "huge"])
def test_a_caller_who_leaves_early_causes_no_complaint(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with running(spread(ONE, {kind: 1})) as hosts:
        url = hosts[0].url.replace("tcp://", "http://")
        with requests.get(f"{url}{LIST}", stream=True, timeout=2) as reply:
            reply.raw.read(2)
        time.sleep(1.2)  # until the next byte finds nobody
    assert [record.getMessage() for record in caplog.records if record.name.startswith("aiohttp")] == []
