"""One repository of Notary with one image that runs, for tests to spoil."""

from __future__ import annotations

from fleet.trust.asking import Asked
from fleet.trust.reading import Readers
from fleet.trust.roots import Kind, Root
from fleet.trust.states import Reason, State, Verdict
from fleet.trust.subject import Subject, subject_of
from fleet.trust.verifiers.notary import Notary
from tests.fleet.trust.notary_publisher import NotaryPublisher, Server
from tests.fleet.trust.publishers import NOW, REPOSITORY, MemoryRegistry, public, push_image


class Scene:
    """One repository with one image, `1.0`, that its publisher signed and that runs."""

    def __init__(self) -> None:
        self.registry = MemoryRegistry()
        self.image = push_image(self.registry, "1.0")
        self.publisher = NotaryPublisher(targets={"1.0": (self.image.digest, self.image.size)}).publish()
        self.root = Root(name="team", kind=Kind.NOTARY, keys=(public(self.publisher.root_keys[0]),))
        self.verifier = Notary()
        self.now = NOW
        self.before: frozenset[str] = frozenset()
        self.subject = self.running("1.0")

    def running(self, tag: str, *, image_id: str = "", digests: tuple[str, ...] | None = None) -> Subject:
        own = (f"{REPOSITORY}@{self.image.digest}",)
        return subject_of(
            reference=f"{REPOSITORY}:{tag}",
            image_id=image_id or self.image.id,
            repo_digests=own if digests is None else digests,
        )

    def verify(self) -> Verdict:
        readers = Readers(self.registry, Server(self.publisher))
        return self.verifier.verify(Asked(self.subject, self.root, readers, self.now, self.before))


def must_be_invalid(verdict: Verdict, reason: Reason) -> None:
    assert (verdict.state, verdict.reason) == (State.INVALID, reason), verdict.sentence
