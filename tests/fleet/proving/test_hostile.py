"""A registry that was registered in good faith and taken over: through the job, the prover and the command
it gets no password, leads nowhere, and makes nothing green.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from fleet import tasks
from fleet.models import TrustResult
from fleet.proving import edit_root, in_force, look_at_due, prover, register_registry, shown
from fleet.proving.results import keep
from fleet.trust.names import parse
from fleet.trust.states import Reason, State
from tests.builders import container
from tests.fleet.proving.scene import Scene, scene, with_notary
from tests.fleet.proving.test_due import runs
from tests.fleet.trust.publishers import NOW, PATH, new_key, pem
from tests.fleet.trust.servers import Asked, HostileServer, Reply, as_json, serving
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
SECRET = "s3cret-of-the-robot"
METADATA = "169.254.169.254"
Look = Callable[[Scene], State]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every host whose address was asked for, which comes before any connection to it."""
    found: list[str] = []
    real = socket.getaddrinfo

    def noted(host: Any, *more: Any, **told: Any) -> Any:
        found.append(str(host))
        return real(host, *more, **told)

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    return found


@pytest.fixture
def planted(dialled: list[str]) -> Iterator[Scene]:
    """A signed image in a registry that has a password, with its publisher registered; it runs on a host."""
    with scene() as made:
        made.sign()
        register_registry(made.host, plain=True, private=True, username="robot", password=SECRET, now=NOW)
        made.root()
        runs(made, "a", ("1.0", made.image))
        yield made


def by_job(made: Scene) -> State:
    tasks.prove()
    return State(TrustResult.objects.get().state)


def by_prover(made: Scene) -> State:
    return made.verify().verdict.state


def by_command(made: Scene) -> State:
    out = StringIO()
    with suppress(SystemExit):  # by its code, which the state says as well
        call_command("trust", "verify", f"{made.repository}@{made.image.digest}", "--json", stdout=out)
    return State(json.loads(out.getvalue())["state"])


DOORS = pytest.mark.parametrize("look", [by_job, by_prover, by_command])


def nothing_came_of_it(made: Scene, dialled: list[str]) -> None:
    """No password, no green, and nobody else was looked for."""
    assert made.server is not None
    assert made.server.secrets == []
    assert not TrustResult.objects.filter(state="verified").exists()
    assert set(dialled) <= {"127.0.0.1"}


@DOORS
def test_while_it_is_honest_all_three_find_it_verified(look: Look, planted: Scene) -> None:
    assert look(planted) is State.VERIFIED


@DOORS
@pytest.mark.parametrize("realm", ["http://{thief}/token", "https://{thief}/token", "https://tokens.example/token"])
def test_a_realm_elsewhere_gets_no_password(look: Look, realm: str, planted: Scene, dialled: list[str]) -> None:
    assert planted.server is not None
    with serving(lambda *_: as_json({"token": "good"})) as thief:
        challenge = f'Bearer realm="{realm.format(thief=thief.host)}",service="registry"'
        planted.server.answer = lambda *_: Reply(401, headers={"WWW-Authenticate": challenge})
        assert look(planted) is State.UNREACHABLE
        assert thief.asked == []
    nothing_came_of_it(planted, dialled)


@DOORS
@pytest.mark.parametrize(
    "where", [f"http://{METADATA}/latest/meta-data/", f"https://{METADATA}/", "//169.254.169.254/x"]
)
@pytest.mark.parametrize("what", ["manifests", "blobs", "referrers", ""])
def test_a_redirect_to_where_clouds_keep_their_secrets_is_not_followed(
    look: Look, what: str, where: str, planted: Scene, dialled: list[str]
) -> None:
    assert planted.server is not None

    def leads_away(asked: Asked, handler: Any) -> Reply:
        if f"/{what}" in asked.path:
            return Reply(307, headers={"Location": where})
        return planted.answer(asked, handler)

    planted.server.answer = leads_away
    # Over a signature that was found before what refers to the image was asked for, nothing more is needed.
    assert look(planted) in ({State.VERIFIED, State.UNREACHABLE} if what == "referrers" else {State.UNREACHABLE})
    assert METADATA not in dialled
    assert planted.server.secrets == []


@DOORS
def test_a_name_that_was_outside_and_leads_inside_now_is_sent_nothing(
    look: Look, planted: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: the name is that of the registry, which may not be inside, and looks up as a service on this host."""
    with serving(planted.answer) as inside:
        port = int(inside.host.rpartition(":")[2])
        host = f"rebound.example:{port}"
        register_registry(host, now=NOW)
        planted.root("rebound", planted.terms(scopes=(f"{host}/*",)))
        planted.server = HostileServer(host, planted.answer)
        where = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        real = socket.getaddrinfo

        def rebound(asked: Any, *more: Any, **told: Any) -> Any:
            return where if asked == "rebound.example" else real(asked, *more, **told)

        monkeypatch.setattr(socket, "getaddrinfo", rebound)
        runs(planted, "b", ("1.0", planted.image))
        if look is by_job:
            tasks.prove()
            state = State(TrustResult.objects.get(repository=f"{host}/{PATH}").state)
        else:
            state = look(planted)
        assert state is State.UNREACHABLE
        assert inside.asked == []


@DOORS
def test_other_bytes_under_the_digest_of_a_signed_image_are_not_it(
    look: Look, planted: Scene, dialled: list[str]
) -> None:
    """With the header that claims the digest that was asked for, and an image of the attacker's in place of it."""
    evil = planted.push("2.0", content="evil")
    body = planted.registry.manifests[PATH, evil.digest]
    planted.registry.manifests[PATH, planted.image.digest] = body
    planted.registry.manifests[PATH, "1.0"] = body
    assert planted.server is not None

    def lies(asked: Asked, handler: Any) -> Reply:
        reply = planted.answer(asked, handler)
        return Reply(reply.status, reply.body, {"Docker-Content-Digest": planted.image.digest})

    planted.server.answer = lies
    assert look(planted) is State.INVALID
    assert TrustResult.objects.get().reason == Reason.HASH.value
    nothing_came_of_it(planted, dialled)


@DOORS
def test_what_a_tag_means_to_a_liar_is_not_signed_by_what_it_claims(look: Look, planted: Scene) -> None:
    """The attacker's image runs, its registry says that it is the signed one's digest."""
    evil = planted.push("1.0", content="evil")
    assert planted.server is not None

    def lies(asked: Asked, handler: Any) -> Reply:
        reply = planted.answer(asked, handler)
        return Reply(reply.status, reply.body, {"Docker-Content-Digest": planted.image.digest})

    planted.server.answer = lies
    planted.image = evil
    TrustResult.objects.all().delete()
    runs(planted, "b", ("1.0", evil))
    if look is by_job:
        tasks.prove()
        assert TrustResult.objects.get(image_id=evil.id).state == "unsigned"
    else:
        assert look(planted) is State.UNSIGNED


def test_a_name_of_a_registry_that_nobody_registered_costs_no_request_and_no_lookup(dialled: list[str]) -> None:
    """Even where a publisher was registered for it: whoever starts a container chooses the name."""
    with scene() as made:
        made.sign()
        runs(made, "a", ("1.0", made.image))
        assert by_prover(made) is State.NO_POLICY
        assert by_command(made) is State.NO_POLICY
        look_at_due(NOW, clock=lambda: NOW)
        assert not TrustResult.objects.exists()
        made.root()
        assert by_job(made) is State.UNREACHABLE
        assert by_command(made) is State.UNREACHABLE
        assert made.asked == []
        assert dialled == []


@pytest.mark.parametrize(
    "reference", ["{host}/../x:1", "{host}/a//b:1", "{host}/a%2e%2e/b:1", "{host}/a:1?x", "{host}/A:1"]
)
def test_names_that_are_none_cost_no_request(reference: str, planted: Scene) -> None:
    assert planted.server is not None
    tasks.prove()
    planted.server.asked.clear()
    swept(host_row("b"), container(image_reference=reference.format(host=planted.host), image_id=planted.image.id))
    tasks.prove()
    assert planted.asked == []


def test_what_is_found_out_while_somebody_edits_the_root_belongs_to_the_old_version(
    planted: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The publisher's key is taken out while a worker is verifying by it."""

    def edited_meanwhile(*arguments: Any, **told: Any) -> TrustResult:
        monkeypatch.setattr(prover, "keep", keep)
        edit_root("team", planted.terms(material=pem(new_key())), author=None, author_name="ann", now=NOW)
        return keep(*arguments, **told)

    monkeypatch.setattr(prover, "keep", edited_meanwhile)
    look_at_due(NOW, clock=lambda: NOW)
    name, image = parse(f"{planted.repository}:1.0"), planted.image.id
    assert TrustResult.objects.get().version.number == 1
    assert TrustResult.objects.get().state == "verified"
    assert shown(name, image, in_force(), NOW).state is State.UNREACHABLE  # not looked at yet, by what is in force
    look_at_due(NOW, clock=lambda: NOW)
    assert shown(name, image, in_force(), NOW).state is State.UNKNOWN_PUBLISHER
    assert {row.version.number: row.state for row in TrustResult.objects.all()} == {
        1: "verified",
        2: "unknown-publisher",
    }


def test_a_clock_that_goes_wrong_makes_nothing_green_that_has_ended() -> None:
    """Notary's timestamp ends after fourteen days: by a clock that is ahead it has, by one that is behind not."""
    with scene() as made:
        with_notary(made)
        made.registered()
        made.root("notary", made.notary_terms())
        assert made.verify(now=NOW).verdict.state is State.VERIFIED
        assert made.verify(now=NOW + timedelta(days=400)).verdict.state is State.EXPIRED
        assert made.verify(now=NOW - timedelta(days=3)).verdict.state is State.VERIFIED
