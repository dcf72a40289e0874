"""What comes of trying a registry, in words."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from fleet.trust.probing import probe
from fleet.trust.registry import Registered
from tests.fleet.trust.servers import Asked, Reply, as_json, serving, unused_port

USER, SECRET = "robot", "hunter2-very-secret"
BASIC = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()


def tried(answer: Callable[[Asked, Any], Reply | None], **told: Any) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Outcome and sentence by step, and every secret that the server got."""
    with serving(answer) as server:
        found = probe(Registered(host=server.host, **{"plain": True, "private": True, **told}))
        return {one.name: (one.outcome, one.sentence) for one in found}, server.secrets


def status(code: int, **headers: str) -> Callable[[Asked, Any], Reply]:
    return lambda *_: Reply(code, headers=headers)


def with_basic(right: str) -> Callable[[Asked, Any], Reply]:
    def answer(asked: Asked, _: Any) -> Reply:
        if asked.headers.get("authorization") == f"Basic {right}":
            return Reply()
        return Reply(401, headers={"WWW-Authenticate": f'Basic realm="{SECRET}"'})

    return answer


def test_an_open_registry_can_be_read() -> None:
    steps, secrets = tried(status(200))
    assert [outcome for outcome, _ in steps.values()] == ["ok", "ok", "ok"]
    assert secrets == []


def test_credentials_that_nobody_wants_are_not_sent() -> None:
    steps, secrets = tried(status(200), username=USER, password=SECRET)
    assert steps["sign-in"][0] == "warning"
    assert secrets == []


def test_the_right_password_lets_in() -> None:
    steps, secrets = tried(with_basic(BASIC), username=USER, password=SECRET)
    assert steps["sign-in"] == ("ok", "It lets us in as robot.")
    assert secrets == [f"Basic {BASIC}"]


def test_a_wrong_password_is_said_and_never_shown() -> None:
    steps, _ = tried(with_basic("other"), username=USER, password=SECRET)
    assert steps["sign-in"][0] == "failed"
    assert "not the ones it knows" in steps["sign-in"][1]
    assert SECRET not in str(steps)
    assert BASIC not in str(steps)


def test_without_credentials_it_says_that_some_are_wanted() -> None:
    steps, _ = tried(with_basic(BASIC))
    assert steps["sign-in"][0] == "failed"
    assert "Enter a name and a password" in steps["sign-in"][1]


def test_a_token_is_fetched_from_the_registry_itself_and_for_no_image() -> None:
    asked_for = []

    def answer(asked: Asked, handler: Any) -> Reply:
        if asked.path.startswith("/token"):
            asked_for.append(asked.path)
            return as_json({"token": "t0ken"})
        if asked.headers.get("authorization") == "Bearer t0ken":
            return Reply()
        host = asked.headers["host"]
        return Reply(401, headers={"WWW-Authenticate": f'Bearer realm="http://{host}/token",service="it"'})

    steps, _ = tried(answer, username=USER, password=SECRET)
    assert steps["sign-in"] == ("ok", "It lets us in as robot.")
    assert asked_for == ["/token?service=it"]


def test_a_realm_elsewhere_gets_nothing_and_is_named() -> None:
    challenge = 'Bearer realm="https://evil.example/token",service="it"'
    steps, secrets = tried(status(401, **{"WWW-Authenticate": challenge}), username=USER, password=SECRET)
    assert steps["sign-in"][0] == "failed"
    assert "evil.example" in steps["sign-in"][1]
    assert secrets == []


def test_a_registry_that_tells_the_password_back_does_not_get_it_shown() -> None:
    challenge = f'Bearer realm="https://{SECRET}.example/token"'
    steps, _ = tried(status(401, **{"WWW-Authenticate": challenge}), username=USER, password=SECRET)
    assert SECRET not in str(steps)


@pytest.mark.parametrize(
    ("code", "words"),
    [(404, "no registry"), (302, "elsewhere"), (400, "https"), (403, "403"), (429, "wait"), (503, "503")],
)
def test_what_is_no_registry_is_said_in_plain_words(code: int, words: str) -> None:
    steps, _ = tried(status(code, Location="https://evil.example/"))
    assert steps["registry"][0] == "failed"
    assert words in steps["registry"][1]
    assert "evil" not in str(steps)


def test_nobody_there_says_what_to_look_at() -> None:
    found = probe(Registered(host=f"127.0.0.1:{unused_port()}", plain=True, private=True))
    assert [(one.name, one.outcome) for one in found] == [("connection", "failed"), ("registry", "skipped")]
    assert "is it running" in found[0].sentence


def test_an_address_inside_says_that_it_has_to_be_said() -> None:
    steps, _ = tried(status(200), private=False)
    assert steps["connection"][0] == "failed"
    assert "inside your own network, say so" in steps["connection"][1]


def test_https_with_a_server_of_http_says_what_to_enter() -> None:
    steps, _ = tried(status(200), plain=False)
    assert steps["connection"][0] == "failed"
    assert "http" in steps["connection"][1]
