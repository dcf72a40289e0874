"""What a real engine runs, swept and then looked at: signed, not signed, forged, renamed, built on the host."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.trust import image_url
from fleet.assessment import tell_what_turned
from fleet.counting import count_all
from fleet.models import ApiToken, Change, Container, Host, TrustResult
from fleet.models.answers import Answers
from fleet.proving import Looked, in_force, look_at_due, register_registry, register_root, shown
from fleet.trust.names import parse
from fleet.trust.roots import Kind
from fleet.trust.states import State
from fleet.trust.terms import Terms
from tests.engines.harness import RealEngine
from tests.engines.looking import look
from tests.engines.registry import RealRegistry
from tests.engines.trust.lone_registry import LoneRegistry, lone_registry
from tests.fleet.trust.publishers import MemoryRegistry, cosign_beside, new_key, pem, push_image, simple_payload
from tests.fleet.trust.servers import unused_port
from tests.rows import host_row, swept

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
PATH = "team/web"


@dataclass
class Place:
    """An engine and its registry, which both it and we call `host`."""

    engine: RealEngine
    inside: RealRegistry
    registry: LoneRegistry
    key_pem: str

    @property
    def host(self) -> str:
        return self.registry.host


@pytest.fixture
def place(engine: RealEngine, tmp_path: Path) -> Iterator[Place]:
    """Its containers run `signed` and `unsigned`; `forged`, beside which another image's signature lies; the signed one
    under a name that was never pushed and by its ID; and one that was built on the host and never pushed.
    """
    key, port = new_key(), unused_port()
    with ExitStack() as stack:
        inside = stack.enter_context(RealRegistry(engine, port=port))
        data = engine.folder / f"registry-{port}" / "data"
        registry = stack.enter_context(lone_registry(tmp_path, port=port, data=data))
        digests = {tag: _pushed(engine, inside, tag) for tag in ("signed", "unsigned", "forged")}
        signatures = MemoryRegistry()
        for tag, over in (("signed", "signed"), ("forged", "signed")):
            cosign_beside(signatures, digests[tag], (key, simple_payload(digests[over])), path=PATH)
        registry.push(signatures)
        place = Place(engine, inside, registry, pem(key))
        signed = f"{place.host}/{PATH}:signed"
        engine.docker("tag", signed, f"{place.host}/team/renamed:1.0")
        engine.import_image(f"{PATH}:built", files={"/which": "built"})
        engine.docker("tag", f"{PATH}:built", f"{place.host}/{PATH}:built")
        for name in ("signed", "unsigned", "forged", "built"):
            engine.run(name, image=f"{place.host}/{PATH}:{name}")
        engine.run("again", image=signed)
        engine.run("renamed", image=f"{place.host}/team/renamed:1.0")
        engine.run("by-id", image=str(engine.client.images.get(signed).id))
        yield place


def _pushed(engine: RealEngine, inside: RealRegistry, tag: str) -> str:
    engine.import_image(f"{PATH}:{tag}", files={"/which": tag})
    return inside.push(f"{PATH}:{tag}").partition("@")[2]


def test_each_image_that_runs_is_said_to_be_what_it_is(place: Place) -> None:
    now = datetime.now(UTC)
    register_registry(place.host, plain=True, private=True, now=now)
    terms = Terms(kind=Kind.COSIGN, scopes=(f"{place.host}/*",), material=place.key_pem)
    register_root("team", terms, author=None, author_name="ann", now=now)
    swept(host_row("real"), seen=look(place.engine), now=now)
    assert look_at_due(now, clock=lambda: now) == Looked(looked=5, unreachable=0, left=0)
    said = {}
    for container in Container.objects.select_related("image"):
        assert container.image is not None
        name = parse(container.image_reference)
        said[container.name] = shown(name, container.image.engine_id, in_force(), now).state
    assert said == {
        "signed": State.VERIFIED,
        "again": State.VERIFIED,
        "unsigned": State.UNSIGNED,
        "forged": State.INVALID,
        "renamed": State.LOCAL,
        "built": State.LOCAL,
        "by-id": State.NO_POLICY,
    }
    assert tell_what_turned(now) >= 10  # five images under their names, by what is proven and by what their tags mean
    swept(Host.objects.get(), seen=look(place.engine), now=now)
    team, renamed = f"{place.host}/{PATH}", f"{place.host}/team/renamed:1.0"
    assert _findings() == [
        # One image under two names: the one that was never pushed counts, and the ID claims nothing.
        ({renamed: "local", f"{team}:signed": "verified"}, "fail", "high"),
        ({f"{team}:built": "local"}, "fail", "high"),
        ({f"{team}:forged": "invalid"}, "fail", "critical"),
        ({f"{team}:unsigned": "unsigned"}, "fail", "high"),
    ]
    assert _drift() == {
        "signed": "pass", "again": "pass", "unsigned": "pass", "forged": "pass",
        "renamed": "unknown", "built": "unknown", "by-id": "not-applicable",
    }  # fmt: skip
    _is_on_the_pages(place, now)
    row = TrustResult.objects.get(tag="signed")
    assert row.image_id == place.engine.client.images.get(f"{place.host}/{PATH}:signed").id
    assert [step[0] for step in row.chain] == ["image", "manifest", "signature", "key", "root"]


def _is_on_the_pages(place: Place, now: datetime) -> None:
    """What people see of the same: the overview, the lists by state, each image, and the containers that run it."""
    count_all(now)
    viewer = Client()
    viewer.force_login(User.objects.create_user("vera"))
    team, renamed = f"{place.host}/{PATH}", f"{place.host}/team/renamed:1.0"
    by_id = str(place.engine.client.images.get(f"{team}:signed").id)
    listed = {
        state: [one.name for one in viewer.get("/trust/images/", {"state": state}).context["table"].data]
        for state in ("verified", "unsigned", "invalid", "local", "no-policy")
    }
    assert listed == {
        "verified": [f"{team}:signed"],
        "unsigned": [f"{team}:unsigned"],
        "invalid": [f"{team}:forged"],
        "local": sorted([renamed, f"{team}:built"]),
        "no-policy": [by_id],
    }
    overview = viewer.get("/trust/")
    shares = {row.state: (row.images, row.containers) for row in overview.context["trust"]["rows"] if row.images}
    assert shares == {"verified": (1, 2), "unsigned": (1, 1), "invalid": (1, 1), "local": (2, 2), "no-policy": (1, 1)}
    assert overview.context["trust"]["share"] in overview.content.decode()
    for container in Container.objects.select_related("image"):
        if container.name == "by-id":
            continue
        assert container.image is not None
        page = image_url(container.image_reference or "", container.image.engine_id)
        state, sentence, broke = _SHOWN[container.name]
        shown = viewer.get(page)
        assert (shown.context["known"].state, container.name) == (state, container.name)
        text = shown.content.decode()
        assert sentence in text
        assert [one.what for one in shown.context["chain"] if one.state == "broke"] == ([broke] if broke else [])
        assert ("Key" in text and "made version 1" in text) is (state == "verified")
        assert page.replace("&", "&amp;") in viewer.get(f"/containers/{container.pk}/").content.decode()


#: By container: state, sentence, and where the chain broke.
_SHOWN = {
    "signed": ("verified", "Its publisher signed this very image.", ""),
    "again": ("verified", "Its publisher signed this very image.", ""),
    "unsigned": ("unsigned", "The registry has no signature of this image.", "signature"),
    "forged": ("invalid", "The signature that lies beside it is that of another image.", "signature"),
    "renamed": ("local", "it was built or loaded on the host", "manifest"),
    "built": ("local", "it was built or loaded on the host", "manifest"),
}


def _findings() -> list[tuple[dict[str, str], str, str]]:
    """What the API says of signatures: the state by each name, status and severity."""
    token, secret = ApiToken.objects.issue(name="ci", role="viewer", now=timezone.now())
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    rows = client.get("/api/v1/findings", {"rule": "signature-missing"}).json()["items"]
    token.delete()
    return sorted(
        ((row["evidence"]["Signature"], row["status"], row["severity"]) for row in rows), key=lambda one: min(one[0])
    )


def _drift() -> dict[str, str]:
    rows = Answers().filter(rule="tag-drift").with_subjects()
    return {one.container.name: one.status for one in rows if one.container is not None}


def test_what_turns_in_the_registry_is_a_change_and_a_finding_after_the_next_sweep(place: Place) -> None:
    now = datetime.now(UTC)
    register_registry(place.host, plain=True, private=True, now=now)
    terms = Terms(kind=Kind.COSIGN, scopes=(f"{place.host}/{PATH}",), material=place.key_pem)
    register_root("team", terms, author=None, author_name="ann", now=now)
    place.engine.docker("rm", "-f", "renamed", "by-id")
    host = swept(host_row("real"), seen=look(place.engine), now=now)
    look_at_due(now, clock=lambda: now)
    tell_what_turned(now)
    swept(host, seen=look(place.engine), now=now)
    other = MemoryRegistry()
    signed = TrustResult.objects.get(tag="signed").digest
    tags = place.registry.data / "docker/registry/v2/repositories" / PATH / "_manifests/tags"
    shutil.rmtree(tags / f"{signed.replace(':', '-')}.sig")
    push_image(other, "unsigned", content="another")
    place.registry.push(other)
    later = now + timedelta(days=1, hours=1)
    look_at_due(later, clock=lambda: later)
    tell_what_turned(later)
    swept(host, seen=look(place.engine), now=later)
    turns = Change.objects.filter(kind="trust").values_list("about", "before", "after")
    assert set(turns) == {(f"{place.host}/{PATH}:signed", "verified", "invalid")}
    assert ({f"{place.host}/{PATH}:signed": "invalid"}, "fail", "critical") in _findings()
    assert _drift() == {
        "signed": "pass", "again": "pass", "unsigned": "fail", "forged": "pass", "built": "unknown",
    }  # fmt: skip


def test_an_image_that_was_loaded_from_a_file_is_found_by_what_its_tag_means(place: Place, tmp_path: Path) -> None:
    """`docker save` and `docker load` lose its digests."""
    now, signed = datetime.now(UTC), f"{place.host}/{PATH}:signed"
    file = tmp_path / "signed.tar"
    place.engine.docker("save", "-o", str(file), signed)
    place.engine.remove_all()
    for name in (signed, f"{place.host}/team/renamed:1.0", f"{PATH}:signed"):
        place.engine.docker("rmi", "-f", name)
    place.engine.docker("load", "-i", str(file))
    assert place.engine.client.images.get(signed).attrs["RepoDigests"] == []
    place.engine.run("loaded", image=signed)
    register_registry(place.host, plain=True, private=True, now=now)
    terms = Terms(kind=Kind.COSIGN, scopes=(f"{place.host}/*",), material=place.key_pem)
    register_root("team", terms, author=None, author_name="ann", now=now)
    swept(host_row("real"), seen=look(place.engine), now=now)
    assert look_at_due(now, clock=lambda: now) == Looked(looked=1, unreachable=0, left=0)
    assert TrustResult.objects.get().state == "verified"
