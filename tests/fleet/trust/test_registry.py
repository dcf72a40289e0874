"""A registry that is after a password, that lies, that dawdles or that leads elsewhere gets nothing."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fleet.trust.errors import BadDigest, Malformed, NotFound, Refused, TooLarge, Unreachable
from fleet.trust.reading import ACCEPTED
from fleet.trust.registry import Registered, RegistryClient
from fleet.trust.web import Web
from tests.certificates import issue, make_ca
from tests.fleet.transport.tls import server_context
from tests.fleet.trust.servers import Asked, HostileServer, Reply, as_json, serving, unused_port

PATH = "team/web"
BODY = json.dumps({"schemaVersion": 2, "mediaType": ACCEPTED[2], "config": {}, "layers": []}).encode()
DIGEST = f"sha256:{hashlib.sha256(BODY).hexdigest()}"


def client(server: HostileServer, **told: Any) -> RegistryClient:
    return RegistryClient(Registered(host=server.host, plain=True, private=True, **told))


def manifests(asked: Asked, _: Any) -> Reply:
    """An honest registry with one manifest, `1.0`."""
    if asked.path in {f"/v2/{PATH}/manifests/1.0", f"/v2/{PATH}/manifests/{DIGEST}"}:
        return Reply(body=BODY, headers={"Content-Type": ACCEPTED[2], "Docker-Content-Digest": DIGEST})
    return Reply(404)


@pytest.fixture
def honest() -> Iterator[HostileServer]:
    with serving(manifests) as server:
        yield server


def test_a_manifest_comes_by_tag_and_by_digest_with_all_four_kinds_asked_for(honest: HostileServer) -> None:
    registry = client(honest)
    assert registry.manifest(PATH, "1.0").digest == DIGEST
    assert registry.manifest(PATH, DIGEST).body == BODY
    assert registry.tag_digest(PATH, "1.0") == DIGEST
    assert registry.tag_digest(PATH, "none") is None
    assert {one.headers["accept"] for one in honest.asked} == {", ".join(ACCEPTED)}
    with pytest.raises(NotFound):
        registry.manifest(PATH, "2.0")


def test_what_is_known_by_its_content_is_asked_for_once(honest: HostileServer) -> None:
    kept: dict[str, bytes] = {}

    class Contents:
        def get(self, digest: str) -> bytes | None:
            return kept.get(digest)

        def put(self, digest: str, body: bytes) -> None:
            kept[digest] = body

    registry = RegistryClient(Registered(host=honest.host, plain=True, private=True), contents=Contents())
    assert registry.manifest(PATH, DIGEST).digest == registry.manifest(PATH, DIGEST).digest
    assert len(honest.asked) == 1


def test_other_bytes_for_a_digest_are_refused_whatever_the_header_says() -> None:
    with serving(lambda *_: Reply(body=BODY + b" ", headers={"Docker-Content-Digest": DIGEST})) as server:
        with pytest.raises(BadDigest):
            client(server).manifest(PATH, DIGEST)
        with pytest.raises(BadDigest):
            client(server).blob(PATH, DIGEST, 1000)


def _wants_token(realm: str) -> Any:
    def answer(asked: Asked, _: Any) -> Reply:
        if asked.headers.get("authorization") == "Bearer good":
            return manifests(asked, _)
        if asked.path.startswith("/token"):
            return as_json({"token": "good"})
        challenge = f'Bearer realm="{realm}",service="registry",scope="repository:*:push"'
        return Reply(401, headers={"WWW-Authenticate": challenge})

    return answer


def test_a_token_is_got_from_the_registrys_own_host_for_reading_only() -> None:
    with serving(manifests) as server:
        server.answer = _wants_token(f"http://{server.host}/token")
        registry = client(server, username="robot", password="s3cret")
        assert registry.manifest(PATH, "1.0").digest == DIGEST
        token = next(one for one in server.asked if one.path.startswith("/token"))
        assert "scope=repository%3Ateam%2Fweb%3Apull" in token.path
        assert token.headers["authorization"].startswith("Basic ")
        registry.manifest(PATH, "1.0")
        assert sum(one.path.startswith("/token") for one in server.asked) == 1


def test_a_realm_elsewhere_gets_no_credential() -> None:
    with serving(lambda *_: as_json({"token": "good"})) as thief, serving(manifests) as server:
        for realm in (f"http://{thief.host}/token", f"https://{thief.host}/token", "https://evil.example/token"):
            server.answer = _wants_token(realm)
            with pytest.raises(Refused):
                client(server, username="robot", password="s3cret").manifest(PATH, "1.0")
        assert thief.asked == []
        assert server.secrets == []


@pytest.mark.parametrize(
    "realm",
    [
        "http://user:pw@127.0.0.1:1/token", "https://@evil.example/token", "file:///etc/passwd", "//evil.example/t", "",
        "https://evil.example#@127.0.0.1:1/token", "https://127.0.0.1:1@evil.example/token", "gopher://127.0.0.1:1/",
    ],
)  # fmt: skip
def test_a_realm_that_is_spelled_to_deceive_is_refused(realm: str) -> None:
    with serving(_wants_token(realm)) as server:
        with pytest.raises(Refused):
            client(server, username="robot", password="s3cret").manifest(PATH, "1.0")
        assert server.secrets == []


def test_a_realm_that_an_admin_named_may_have_the_credential() -> None:
    authority = make_ca()
    tls = server_context(issue(authority, "127.0.0.1"))
    with serving(lambda *_: as_json({"token": "good"}), tls=tls) as realm, serving(manifests) as server:
        server.answer = _wants_token(f"https://{realm.host}/token")
        told = {"username": "robot", "password": "s3cret", "realms": (realm.host,), "ca": authority.pem}
        assert client(server, **told).manifest(PATH, "1.0").digest == DIGEST
        assert len(realm.secrets) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_the_interface_is_not_followed(status: int) -> None:
    with serving(manifests) as elsewhere:
        reply = Reply(status, headers={"Location": f"http://{elsewhere.host}/"})
        with serving(lambda *_: reply) as server, pytest.raises(Unreachable):
            client(server).manifest(PATH, "1.0")
        assert elsewhere.asked == []


def test_a_blob_that_lies_elsewhere_is_fetched_without_the_credential() -> None:
    blob = b"content"
    digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"

    def answer(asked: Asked, _: Any) -> Reply:
        if asked.path.startswith("/storage"):
            return Reply(body=blob)
        if "authorization" not in asked.headers:
            return Reply(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        return Reply(307, headers={"Location": "/storage/1"})

    with serving(answer) as server:
        registry = client(server, username="robot", password="s3cret")
        assert registry.blob(PATH, digest, 100) == blob
        assert "authorization" not in server.asked[-1].headers


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "http://localhost:1/", "file:///etc/passwd",
        "https://2130706433/", "https://[::ffff:127.0.0.1]/", "https://user@evil.example/", "http://127.0.0.1:1/",
    ],
)  # fmt: skip
def test_a_blob_that_is_said_to_lie_inside_is_not_fetched(location: str) -> None:
    with serving(lambda *_: Reply(307, headers={"Location": location})) as server:
        with pytest.raises((Refused, Unreachable)):
            client(server).blob(PATH, DIGEST, 100)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_an_address_inside_is_asked_nothing_unless_it_was_registered_so(host: str) -> None:
    with serving(manifests) as server:
        port = server.host.rpartition(":")[2]
        with pytest.raises((Refused, Unreachable)):
            Web().get(f"http://{host}:{port}/v2/", most=100)
        assert server.asked == []


@pytest.mark.parametrize("host", ["0.0.0.0", "0", "0x0", "[::]", "169.254.169.254", "224.0.0.1"])
def test_some_addresses_are_asked_nothing_even_where_inside_is_allowed(host: str) -> None:
    with serving(manifests) as server:
        port = server.host.rpartition(":")[2]
        with pytest.raises(Refused):
            Web(private=True).get(f"http://{host}:{port}/v2/", most=100)
        assert server.asked == []


def test_a_name_that_is_looked_up_anew_is_judged_where_it_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: harmless when somebody looks it up first, inside when it is connected to."""
    with serving(manifests) as server:
        port = int(server.host.rpartition(":")[2])
        answers = iter(["93.184.216.34", "127.0.0.1"])

        def look_up(_host: object, *_: object, **__: object) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        socket.getaddrinfo("rebound.example", port)
        with pytest.raises(Refused):
            Web().get(f"http://rebound.example:{port}/v2/", most=100)
        assert server.asked == []


def test_more_bytes_than_allowed_are_not_read_whatever_the_length_says() -> None:
    with serving(lambda *_: Reply(body=b"x" * 5000)) as server, pytest.raises(TooLarge):
        client(server).blob(PATH, DIGEST, 4999)


def test_a_packed_answer_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    reply = Reply(body=bomb, headers={"Content-Encoding": "gzip"})
    with serving(lambda *_: reply) as server, pytest.raises(Malformed):
        client(server).blob(PATH, DIGEST, 100_000)


def _drip(asked: Asked, handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def _drip_headers(asked: Asked, handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        handler.wfile.write(b"X-%d: y\r\n" % number)
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [_drip, _drip_headers])
def test_a_server_that_drips_is_left(answer: Any) -> None:
    with serving(answer) as server, pytest.raises(Unreachable):
        Web(private=True, whole_seconds=0.3).get(f"http://{server.host}/", most=2000)


def test_nobody_there_and_other_answers_say_nothing_of_the_image() -> None:
    port = unused_port()
    with pytest.raises(Unreachable):
        RegistryClient(Registered(host=f"127.0.0.1:{port}", plain=True, private=True)).manifest(PATH, "1.0")
    for status in (401, 403, 429, 500, 503):
        with serving(lambda *_, status=status: Reply(status, headers={"Retry-After": "90"})) as server:
            with pytest.raises(Unreachable) as caught:
                client(server).manifest(PATH, "1.0")
            if status == 429:
                assert caught.value.retry_after == timedelta(seconds=90)


def test_only_the_registered_authority_is_trusted() -> None:
    authority, other = make_ca(), make_ca("Another authority")
    with serving(manifests, tls=server_context(issue(authority, "127.0.0.1"))) as server:
        good = RegistryClient(Registered(host=server.host, private=True, ca=authority.pem))
        assert good.manifest(PATH, "1.0").digest == DIGEST
        for ca in (other.pem, None):
            with pytest.raises(Unreachable, match="certificate"):
                RegistryClient(Registered(host=server.host, private=True, ca=ca)).manifest(PATH, "1.0")


@pytest.mark.parametrize(
    "path",
    ["../secret", "team/../x", "team//web", "team/web?x", "team/web#", "Team/web", "a\n", "", "a" * 10 + "/%2e%2e"],
)
def test_what_is_no_name_is_not_asked_for(honest: HostileServer, path: str) -> None:
    with pytest.raises(Refused):
        client(honest).manifest(path, "1.0")
    with pytest.raises(Refused):
        client(honest).manifest(PATH, path)
    assert honest.asked == []


def test_referrers_come_by_their_endpoint_or_by_the_tag_of_registries_that_have_none() -> None:
    artifact = json.dumps(
        {"mediaType": ACCEPTED[2], "config": {"mediaType": "application/x-sig"}, "layers": []}
    ).encode()
    named = f"sha256:{hashlib.sha256(artifact).hexdigest()}"
    index = {
        "schemaVersion": 2,
        "manifests": [{"digest": named, "artifactType": "application/x-told"}, {"digest": named}],
    }

    def answer(asked: Asked, _: Any) -> Reply:
        if asked.path.endswith(f"/manifests/{named}"):
            return Reply(body=artifact)
        if asked.path.endswith(f"/manifests/{DIGEST.replace(':', '-')}"):
            return as_json(index)
        return Reply(404)

    with serving(answer) as server:
        found = client(server).referrers(PATH, DIGEST)
        assert [one.artifact_type for one in found] == ["application/x-told", "application/x-sig"]
    with serving(lambda asked, _: as_json(index) if "/referrers/" in asked.path else Reply(body=artifact)) as server:
        assert len(client(server).referrers(PATH, DIGEST)) == 2
    with serving(lambda *_: Reply(404)) as server:
        assert client(server).referrers(PATH, DIGEST) == ()


def test_no_proxy_of_the_environment_sees_anything(honest: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert client(honest).manifest(PATH, "1.0").digest == DIGEST
