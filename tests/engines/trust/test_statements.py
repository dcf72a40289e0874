"""What lies beside images in the real docker-registry: found where each tool lays it, at a stated cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fleet.models import ImageStatements
from fleet.proving import Prover, register_registry, register_root
from fleet.trust.names import parse
from fleet.trust.roots import Kind
from fleet.trust.subject import subject_of
from fleet.trust.terms import Terms
from fleet.trust.web import Answer, Web
from tests.engines.trust.lone_registry import LoneRegistry, lone_registry
from tests.fleet.trust.attesting import SLSA, SPDX, attached, attested, attested_by_bundle, built, envelope
from tests.fleet.trust.publishers import NOW, PATH, Image, MemoryRegistry, new_key, pem, push_image, statement

pytestmark = pytest.mark.django_db
KEY = new_key()


@dataclass
class Shelf:
    registry: LoneRegistry
    images: dict[str, Image]

    def look(self, tag: str) -> ImageStatements:
        reference = f"{self.registry.host}/{PATH}:{tag}"
        image = self.images[tag]
        digests = (f"{self.registry.host}/{PATH}@{image.digest}",)
        assert parse(reference) is not None
        with Prover(NOW) as prover:
            subject = subject_of(reference=reference, image_id=image.id, repo_digests=digests)
            return prover.look_beside(subject, NOW)


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """`built` by BuildKit, `attested` by cosign, by `bundle`, with a list `attached`, and `bare`."""
    memory = MemoryRegistry()
    images = {tag: push_image(memory, tag) for tag in ("attested", "bundle", "attached", "bare")}
    images["built"] = built(memory, "built", SPDX, SLSA)
    stated = statement(images["attested"].digest, predicate=SLSA)
    attested(memory, images["attested"].digest, envelope(KEY, stated))
    attested_by_bundle(memory, images["bundle"].digest, KEY, SPDX)
    attached(memory, images["attached"].digest, "application/vnd.cyclonedx+json")
    with lone_registry(tmp_path_factory.mktemp("registry")) as registry:
        registry.push_whole(memory)
        yield Shelf(registry, images)


@pytest.fixture
def shelf(pushed: Shelf) -> Shelf:
    host = pushed.registry.host
    register_registry(host, plain=True, private=True, now=NOW)
    terms = Terms(kind=Kind.COSIGN, scopes=(f"{host}/*",), material=pem(KEY))
    register_root("team", terms, author=None, author_name="ann", now=NOW)
    return pushed


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of all requests that are made."""
    found: list[str] = []
    real = Web.get

    def noted(self: Web, url: str, **told: object) -> Answer:
        found.append(url)
        return real(self, url, **told)  # type: ignore[arg-type]

    monkeypatch.setattr(Web, "get", noted)
    return found


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("built", {(SPDX, "index", "nobody"), (SLSA, "index", "nobody")}),
        ("attested", {(SLSA, "tag", "team")}),
        ("bundle", {(SPDX, "referrer", "team")}),
        ("attached", {("application/vnd.cyclonedx+json", "referrer", "nobody")}),
        ("bare", set()),
    ],
)
def test_each_is_found_where_its_tool_laid_it(shelf: Shelf, tag: str, found: set[tuple[str, str, str]]) -> None:
    row = shelf.look(tag)
    assert (row.obstacle, row.local) == ("", False)
    assert {(one["kind"], one["source"], "team" if one["signer"] else "nobody") for one in row.found} == found


def test_what_it_costs(shelf: Shelf, asked: list[str]) -> None:
    """Of the first look and of later ones, as docs/trust.md tells it."""
    costs: dict[str, tuple[int, int]] = {}
    for tag in ("bare", "built", "attested"):
        asked.clear()
        shelf.look(tag)
        first = len(asked)
        asked.clear()
        shelf.look(tag)
        costs[tag] = first, len(asked)
    # The manifest; the list of tags; the tag; what refers to it; what hangs under cosign's tag. Then the list alone.
    assert costs == {"bare": (4, 1), "built": (5, 1), "attested": (6, 1)}
