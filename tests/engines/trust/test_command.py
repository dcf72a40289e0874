"""`./loadline trust verify` against the real docker-registry, and against what the real `notary` client published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from fleet.trust.keys import to_pem
from fleet.trust.tuf.chain import role_of
from fleet.trust.tuf.envelope import Document
from tests.engines.trust.lone_registry import LoneRegistry, lone_registry
from tests.engines.trust.metadata_store import metadata_store
from tests.engines.trust.oracle import NotaryClient
from tests.fleet.trust.publishers import PATH, Image, MemoryRegistry, cosign_beside, new_key, pem, push_image
from tests.fleet.trust.publishers import simple_payload as payload

pytestmark = pytest.mark.django_db


@dataclass
class Shelf:
    """What the registry holds, by tag, and the key of its publisher."""

    registry: LoneRegistry
    images: dict[str, Image]
    key_file: Path


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """`signed`, `listed` (an index), `unsigned`, `foreign` (another key), `copied` (the signature of another image),
    `spoiled` (signed, with other bytes on the registry's disk).
    """
    key, memory = new_key(), MemoryRegistry()
    images = {tag: push_image(memory, tag) for tag in ("signed", "unsigned", "foreign", "copied", "spoiled")}
    for tag, by, over in (
        ("signed", key, "signed"),
        ("foreign", new_key(), "foreign"),
        ("copied", key, "signed"),
        ("spoiled", key, "spoiled"),
    ):
        cosign_beside(memory, images[tag].digest, (by, payload(images[over].digest)))
    file = tmp_path_factory.mktemp("keys") / "team.pub"
    file.write_text(pem(key))
    with lone_registry(tmp_path_factory.mktemp("registry")) as registry:
        registry.push(memory)
        registry.spoil(images["spoiled"].digest)
        yield Shelf(registry, images, file)


def trust(*arguments: str) -> tuple[int, str]:
    """What the command ends with, and what it says."""
    out = StringIO()
    try:
        call_command("trust", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def verify(image: str) -> tuple[int, dict[str, Any]]:
    code, said = trust("verify", image, "--json")
    return code, json.loads(said)


@pytest.fixture
def registered(shelf: Shelf) -> Shelf:
    host = shelf.registry.host
    trust("registry", "add", host, "--plain", "--private")
    _, said = trust(
        "root", "add", "team", "--kind", "cosign", "--scope", f"{host}/team/*", "--keys", str(shelf.key_file)
    )
    assert "SHA-256" in said
    return shelf


@pytest.mark.parametrize(
    ("tag", "code", "state"),
    [
        ("signed", 0, "verified"),
        ("unsigned", 13, "unsigned"),
        ("foreign", 16, "unknown-publisher"),
        ("copied", 14, "invalid"),
        ("none", 17, "local"),
    ],
)
def test_the_exit_code_says_the_state(registered: Shelf, tag: str, code: int, state: str) -> None:
    found, told = verify(f"{registered.registry.host}/{PATH}:{tag}")
    assert (found, told["state"], told["verified"]) == (code, state, state == "verified"), told


def test_what_is_verified_comes_with_its_chain(registered: Shelf) -> None:
    image = registered.images["signed"]
    _, told = verify(f"{registered.registry.host}/{PATH}:signed")
    assert (told["root"], told["root_version"], told["digest"]) == ("team", 1, image.digest)
    assert [one["what"] for one in told["chain"]] == ["image", "manifest", "signature", "key", "root"]
    by_digest, _ = verify(f"{registered.registry.host}/{PATH}@{image.digest}")
    assert by_digest == 0
    _, text = trust("verify", f"{registered.registry.host}/{PATH}:signed")
    assert text.startswith("verified  ")


def test_other_bytes_on_the_registrys_disk_are_not_verified(registered: Shelf) -> None:
    image = registered.images["spoiled"]
    for name in (f"{PATH}:spoiled", f"{PATH}@{image.digest}"):
        code, told = verify(f"{registered.registry.host}/{name}")
        assert code != 0, told
        assert told["state"] in {"invalid", "unsigned", "unreachable", "local"}


def test_without_a_root_or_a_registry_nothing_can_be_said(shelf: Shelf) -> None:
    image = f"{shelf.registry.host}/{PATH}:signed"
    trust("registry", "add", shelf.registry.host, "--plain", "--private")
    assert verify(image)[0] == 21
    trust("registry", "remove", shelf.registry.host)
    scope = f"{shelf.registry.host}/*"
    trust("root", "add", "team", "--kind", "cosign", "--scope", scope, "--keys", str(shelf.key_file))
    assert verify(image)[0] == 22


def test_what_the_real_client_published_is_verified_until_its_mirror_shows_the_set_of_before(
    shelf: Shelf, tmp_path: Path
) -> None:
    image, host = shelf.images["signed"], shelf.registry.host
    gun = f"{host}/{PATH}"
    with metadata_store() as store:
        client = NotaryClient(store, tmp_path / "client")
        client.do("init", gun)
        digest = image.digest.removeprefix("sha256:")
        client.do("addhash", gun, "signed", str(image.size), "--sha256", digest, "-p")
        old = dict(store.repository(gun).files)
        client.do("addhash", gun, "other", "528", "--sha256", "0" * 64, "-p")
        pinned = role_of(Document.read(store.repository(gun).files["root"], "Root"), "root").keys.values()
        file = tmp_path / "root.pub"
        file.write_text("".join(to_pem("PUBLIC KEY", key.spki) for key in pinned))
        trust("registry", "add", host, "--plain", "--private")
        trust(
            *("root", "add", "notary", "--kind", "notary", "--scope", f"{host}/*", "--keys", str(file)),
            *("--server", store.address, "--plain", "--private"),
        )
        assert verify(f"{gun}:signed")[0] == 0
        assert verify(f"{gun}:unsigned")[0] == 13
        store.lies = lambda _gun, name, _body: old.get(name)
        code, told = verify(f"{gun}:signed")
        assert (code, told["reason"]) == (14, "rollback")
    code, told = verify(f"{gun}:signed")
    assert (code, told["last"]["state"]) == (22, "invalid")
