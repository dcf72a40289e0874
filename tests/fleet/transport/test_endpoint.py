from __future__ import annotations

import pytest

from fleet.transport import BadEndpoint, Endpoint, TlsMaterial

PAIR = TlsMaterial(ca="CA", certificate="CERTIFICATE", key="KEY")


@pytest.mark.parametrize(
    ("url", "tls", "scheme", "host", "port"),
    [
        ("unix:///var/run/docker.sock", None, "unix", "", 0),
        (" tcp://node-1.example:2375 ", None, "tcp", "node-1.example", 2375),
        ("tcp://node-1", None, "tcp", "node-1", 2375),
        ("tcp://node-1", PAIR, "tcp", "node-1", 2376),
        ("tcp://node-1:2376/", PAIR, "tcp", "node-1", 2376),
        ("https://node-1", None, "https", "node-1", 443),
        ("https://node_1.example:2376", PAIR, "https", "node_1.example", 2376),
        ("http://10.0.0.7:2375", None, "http", "10.0.0.7", 2375),
        ("tcp://[fd00::7]:2375", None, "tcp", "fd00::7", 2375),
        ("ssh://ops@node-1:2222", None, "ssh", "node-1", 2222),
        ("ssh://node-1", None, "ssh", "node-1", 0),
    ],
)
def test_an_address_is_taken_apart(url: str, tls: TlsMaterial | None, scheme: str, host: str, port: int) -> None:
    endpoint = Endpoint(url, tls)
    assert (endpoint.scheme, endpoint.host, endpoint.port) == (scheme, host, port)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "empty"),
        ("node-1:2375", "starts with none of"),
        ("/var/run/docker.sock", "starts with none of"),
        ("npipe:////./pipe/docker_engine", "starts with none of"),
        ("file:///etc/passwd", "starts with none of"),
        ("tcp:node-1", "starts with none of"),
        ("tcp://", "names no host"),
        ("tcp://:2375", "names no host"),
        ("tcp://node-1:port", "port"),
        ("tcp://node-1:0", "Port 0"),
        ("tcp://node-1:70000", "port"),
        ("tcp://-oProxyCommand=x:2375", "names no host"),
        ("tcp://node$(id):2375", "names no host"),
        ("tcp://node-1:2375/v1.41", "remove '/v1.41'"),
        ("tcp://node-1:2375?x=1", "after ? or #"),
        ("tcp://node-1:2375#", "after ? or #"),
        ("tcp://node 1:2375", "space"),
        ("tcp://node-1\n:2375", "does not print"),
        ("tcp://user@node-1:2375", "takes no user name"),
        ("tcp://[fd00::7", "not a URL"),
        ("unix://", "full path"),
        ("unix:///", "full path"),
        ("unix://run/docker.sock", "three slashes"),
        ("unix:///" + "a" * 108, "longer than 107"),
        ("ssh://-oProxyCommand=touch@node-1", "user name"),
        ("ssh://-oProxyCommand=touch", "names no host"),
        ("ssh://node-1/run/x;id", "may hold only"),
        ("ssh://node-1/run/$(id)", "may hold only"),
        ("ssh://node-1/../x", "may hold only"),
    ],
)
def test_a_bad_address_is_refused_with_its_remedy(url: str, words: str) -> None:
    with pytest.raises(BadEndpoint) as caught:
        Endpoint(url)
    assert words in str(caught.value)
    assert str(caught.value).endswith((".", "https or ssh; write ssh://user@host."))


def test_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadEndpoint, match="password") as caught:
        Endpoint("https://ops:hunter2@node-1")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["unix:///run/docker.sock", "http://node-1:2375", "ssh://node-1"])
def test_certificates_need_an_address_that_uses_them(url: str) -> None:
    with pytest.raises(BadEndpoint, match="need tcp:// or https://"):
        Endpoint(url, PAIR)


@pytest.mark.parametrize("tls", [TlsMaterial(certificate="C"), TlsMaterial(key="K")])
def test_half_a_pair_is_refused(tls: TlsMaterial) -> None:
    with pytest.raises(BadEndpoint, match="without its"):
        Endpoint("tcp://node-1", tls)


def test_keys_are_not_shown() -> None:
    assert "KEY" not in repr(Endpoint("tcp://node-1", PAIR))
    assert "CERT" not in str(Endpoint("tcp://node-1", PAIR))


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("unix:///run/docker.sock", True),
        ("tcp://localhost:2375", True),
        ("tcp://127.0.0.9:2375", True),
        ("tcp://[::1]:2375", True),
        ("tcp://10.0.0.7:2375", False),
        ("tcp://localhost.example:2375", False),
        ("ssh://node-1", False),
    ],
)
def test_loopback_is_this_machine(url: str, loopback: bool) -> None:
    assert Endpoint(url).loopback is loopback
