from __future__ import annotations

import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.transport import Endpoint, EngineClient, Limits, RefusedByGuard
from fleet.transport.connection import EngineConnection
from fleet.transport.guard import admit
from fleet.transport.limits import Allowance
from tests.fleet.transport.hostile import Peer, answer, hostile_peer

DIGEST = "sha256:" + "ab" * 32

ADMITTED = (
    "/_ping",
    "/version",
    "/v1.41/info",
    "/v1.55/containers/json?all=1&size=true&limit=100",
    "/containers/json?filters=%7B%22status%22%3A%5B%22running%22%5D%7D",
    f"/v1.41/containers/{'0a' * 32}/json?size=1",
    "/containers/my_app.web-1/json",
    "/images/json?all=0&digests=1",
    f"/images/{DIGEST}/json",
    "/images/busybox/json",
    "/images/busybox:1.36/json",
    "/images/registry.example:5000/team/app:1.2/json",
    f"/images/registry.example/team/app%40{DIGEST}/json?manifests=1",
    f"/images/team/app@{DIGEST}/attestations",
    "/networks",
    "/networks/bridge?verbose=true&scope=local",
    "/volumes",
    "/volumes/pg_data-1",
    "/plugins",
    "/services?status=true",
    "/tasks",
    "/nodes",
    "/system/df?type=volume",
    "/events?since=1700000000.123456789&until=1700000060",
)

REFUSED = (
    # what a plain GET gives away
    "/swarm",
    "/swarm/unlockkey",
    "/configs",
    "/configs/one",
    "/secrets",
    "/secrets/one",
    "/containers/web/archive?path=/etc/shadow",
    "/containers/web/export",
    "/containers/web/logs?stdout=1",
    "/containers/web/attach/ws",
    "/containers/web/attach",
    "/containers/web/top",
    "/containers/web/changes",
    "/containers/web/stats",
    "/images/busybox/get",
    "/images/get?names=busybox",
    "/images/search?term=x",
    "/images/busybox/history",
    "/exec/abc/json",
    "/services/web",
    "/services/web/logs",
    "/tasks/one/logs",
    "/nodes/one",
    "/plugins/vieux/json",
    "/plugins/privileges?remote=x",
    "/distribution/busybox/json",
    "/session",
    "/grpc",
    "/auth",
    "/build",
    "/debug/pprof/heap",
    "/libpod/info",
    "/v4.0.0/libpod/containers/json",
    f"/containers/{'0' * 64}/archive?path=/",  # only as a HEAD, which has no body
    # the allowed ones, spelt so that the engine might read something else
    "",
    "/",
    "*",
    "version",
    "//version",
    "/version/",
    "/./version",
    "/../version",
    "/containers//json",
    "/containers/../swarm",
    "/containers/../json",
    "/containers/./json",
    "/containers/%2e%2e/json",
    "/containers/web%2Farchive/json",
    "/containers/web%2farchive%3f/json",
    "/containers/a/b/json",
    "/containers/web%00/json",
    "/containers/web%252f/json",
    "/containers/web\\..\\x/json",
    "/containers/wéb/json",
    "/containers/web/json\n",
    "/containers/web/json\r\nX: y",
    "/containers/web/json ",
    "/containers/web/json#x",
    "/containers/web;x/json",
    "/containers/-rf/json",
    "/images/../containers/web/archive/json",
    "/images/a//b/json",
    "/images/a%2fb/json",
    "/images/.hidden/json",
    "/images//json",
    "/volumes/..",
    "/volumes/a/b",
    "/networks/a%20b",
    "/v1.41/v1.41/version",
    "/v1.41",
    "/v1.4/version",
    "/v2.41/version",
    "/V1.41/version",
    "/VERSION",
    "http://elsewhere/version",
    "/version?",
    # parameters
    "/version?x=1",
    "/info?size=1",
    "/events",
    "/events?since=1",
    "/events?until=",
    "/events?until=never",
    "/events?until=99999999999999999999",
    "/events?until=-1",
    "/events?until=1&until=2",
    "/events?until=1&follow=1",
    "/containers/json?all=yes",
    "/containers/json?limit=-1",
    "/containers/json?filters=[]",
    "/containers/json?filters=%7B%00%7D",
    "/containers/json?all=1&all=1",
    "/containers/json?all=1;size=1",
    "/containers/json?all",
    "/containers/json?=1",
    "/containers/json?all=1&",
    "/containers/json?all=1?size=1",
    "/containers/json?%61rchive=1",
    "/containers/web/json?path=/etc/shadow",
    "/images/json?all=%ff",
    "/networks/bridge?scope=a/b",
    "/" + "a" * 9000,
)


@pytest.mark.parametrize("target", ADMITTED)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_sweeps_need_is_admitted(method: str, target: str) -> None:
    admit(method, target)


@pytest.mark.parametrize("target", REFUSED)
def test_everything_else_is_refused(target: str) -> None:
    with pytest.raises(RefusedByGuard, match="Nothing was sent"):
        admit("GET", target)


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "get", "GET ", "", None]
)
@pytest.mark.parametrize("target", ["/version", "/containers/json", "/containers/web/json", "/volumes/data"])
def test_no_other_method_passes_even_where_get_does(method: str | None, target: str) -> None:
    with pytest.raises(RefusedByGuard, match="only GET and HEAD"):
        admit(method, target)


NOBODY = f"/containers/{'0' * 64}/archive"


@pytest.mark.parametrize("prefix", ["", "/v1.41", "/v1.55"])
@pytest.mark.parametrize("path", ["/", "%2F"])
def test_a_proxy_may_be_asked_about_the_container_that_nobody_has(prefix: str, path: str) -> None:
    admit("HEAD", f"{prefix}{NOBODY}?path={path}")


@pytest.mark.parametrize(
    "target",
    [
        NOBODY,
        f"{NOBODY}?",
        f"{NOBODY}?path=",
        *(
            f"{NOBODY}?path={path}"
            for path in ("/etc/shadow", "//", "/.", ".", "%2Fetc", "/%00", "%252F", "/etc&path=/")
        ),
        *(
            f"{NOBODY}?path=/&{more}"
            for more in ("path=/", "path=/etc", "noOverwriteDirNonDir=1", "copyUIDGID=1", "x=1")
        ),
        f"{NOBODY}/?path=/",
        *(
            f"/containers/{identity}/archive?path=/"
            for identity in ("web", "0", "0" * 12, "0" * 63, "0" * 65, "1" + "0" * 63, "0" * 63 + "1", "a" * 64)
        ),
        f"/containers/{'0' * 64}%2f..%2fweb/archive?path=/",
        f"/containers/{'0' * 64}/../web/archive?path=/",
        f"/containers/{'%30' * 64}/archive?path=/",
        f"/containers/{'0' * 64}/export?path=/",
        f"/libpod{NOBODY}?path=/",
        f"/v1.41/libpod{NOBODY}?path=/",
    ],
)
def test_about_no_other_container_no_other_path_and_nothing_more(target: str) -> None:
    for method in ("HEAD", "GET"):
        with pytest.raises(RefusedByGuard, match="Nothing was sent"):
            admit(method, target)


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS", "head", "HEAD ", None])
def test_and_only_in_the_way_that_has_no_body(method: str | None) -> None:
    with pytest.raises(RefusedByGuard, match="only"):
        admit(method, f"{NOBODY}?path=/")


@given(st.text(alphabet="0123456789abcdefxyz_.-", max_size=66), st.text(max_size=8))
def test_no_name_and_no_path_but_these_pass_for_an_archive(identity: str, path: str) -> None:
    target = f"/containers/{identity}/archive?path={quote(path, safe='/')}"
    if _passes(target, method="HEAD"):
        assert (identity, path) == ("0" * 64, "/")
    assert not _passes(target)


def test_a_refusal_repeats_no_parameter() -> None:
    with pytest.raises(RefusedByGuard) as caught:
        admit("GET", "/swarm?token=hunter2")
    assert "hunter2" not in str(caught.value)
    assert "/swarm" in str(caught.value)


def _passes(target: str, *, method: str = "GET") -> bool:
    try:
        admit(method, target)
    except RefusedByGuard:
        return False
    return True


_TAILS = ("json", "archive", "export", "logs", "get", "attach/ws", "..", ".", "", "%2e%2e", "%2f", "swarm", "secrets")
_WORDS = st.sampled_from(("containers", "images", "volumes", "networks", "swarm", "v1.41", "unlockkey", "x", *_TAILS))
_LAST_WORDS = ("archive", "export", "logs", "get", "ws", "swarm", "unlockkey", "secrets", "configs")


@given(st.lists(_WORDS, max_size=6))
def test_no_combination_of_path_words_ends_in_a_forbidden_endpoint(words: list[str]) -> None:
    target = "/" + "/".join(words)
    if _passes(target):
        # A network or a volume may have any name; nothing else may end in these words.
        named = len(words) >= 2 and words[-2] in {"networks", "volumes"}
        assert named or words[-1] not in _LAST_WORDS
        assert ".." not in target
        assert "%" not in target


@given(st.text(max_size=40))
def test_no_text_passes_as_a_container_with_more_than_a_plain_name(name: str) -> None:
    for target in (f"/containers/{name}/json", f"/containers/{quote(name, safe='')}/json"):
        if _passes(target):
            assert name.replace("_", "").replace("-", "").replace(".", "").isalnum()
            assert name.isascii()


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_parameter_off_the_list_passes(name: str, value: str) -> None:
    target = f"/containers/json?{quote(name, safe='')}={quote(value, safe='')}"
    if _passes(target):
        assert name in {"all", "size", "limit", "filters"}


@given(st.binary(max_size=60))
def test_any_bytes_are_judged_without_another_error(raw: bytes) -> None:
    _passes("/" + raw.decode("latin-1"))


class _Recorder:
    """Behaves as an engine and remembers every request line that arrived."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, peer: Peer) -> None:
        while line := peer.request():
            self.lines.append(line)
            answer(peer, b"{}")


def test_the_docker_packages_own_calls_are_refused_below_it() -> None:
    seen = _Recorder()
    with hostile_peer(seen) as url, EngineClient(Endpoint(url)) as client:
        session = client._session
        assert session.inspect_container("web") == session.version() == {}
        assert seen.lines == ["GET /v1.55/containers/web/json HTTP/1.1", "GET /v1.55/version HTTP/1.1"]
        seen.lines.clear()
        for call in (
            lambda: session.create_container("busybox", "true"),
            lambda: session.exec_create("web", "sh"),
            lambda: session.get_archive("web", "/etc/shadow"),
            lambda: session.export("web"),
            lambda: session.logs("web"),
            lambda: session.attach_socket("web", ws=True),
            session.inspect_swarm,
            session.get_unlock_key,
            session.configs,
            session.secrets,
            lambda: session.remove_container("web"),
            session.prune_volumes,
            lambda: session.pull("busybox"),
            lambda: session.post(f"{session.base_url}/version"),
            lambda: session.get(f"{session.base_url}/version", data=b"POST /containers/create HTTP/1.1\r\n\r\n"),
            lambda: session.request("PUT", "http://elsewhere.example/version"),
        ):
            with pytest.raises(RefusedByGuard):
                call()
    assert seen.lines == []


def test_a_connection_refuses_by_itself() -> None:
    def never(_: object) -> None:
        raise AssertionError("nothing may be opened for a refused request")

    connection = EngineConnection("", 0, dial=never)  # type: ignore[arg-type]
    allowance = Allowance("unix:///x", Limits(), sweep_ends=time.monotonic() + 1)
    for method, target in (("POST", "/containers/create"), ("GET", "/swarm"), ("GET", "/info\r\nX: y")):
        with pytest.raises(RefusedByGuard):
            connection.ask(method, target, allowance)
    assert not connection.is_open


def test_headers_of_the_caller_never_leave() -> None:
    heads: list[bytes] = []

    def record(peer: Peer) -> None:
        while b"\r\n\r\n" not in (head := peer.sock.recv(65536)):
            pass
        heads.append(head)
        answer(peer, b"{}")

    with hostile_peer(record) as url, EngineClient(Endpoint(url)) as client:
        client._session.get(
            f"{client._session.base_url}/version",
            headers={"X-Registry-Auth": "secret", "Upgrade": "h2c", "Content-Length": "5"},
            cookies={"a": "b"},
            auth=("user", "password"),
        )
    lines = heads[0].decode().split("\r\n")
    assert lines[0] == "GET /version HTTP/1.1"
    assert {line.partition(":")[0] for line in lines[1:] if line} == {"Host", "Accept", "Accept-Encoding", "User-Agent"}
