"""Loadline and the real `notary` client look at the same hostile mirrors and say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from fleet.trust.asking import Asked
from fleet.trust.metadata import MetadataClient
from fleet.trust.reading import Readers
from fleet.trust.roots import Kind, Root
from fleet.trust.states import Reason, State, Verdict
from fleet.trust.subject import subject_of
from fleet.trust.tuf.chain import role_of
from fleet.trust.tuf.envelope import Document
from fleet.trust.verifiers.notary import Notary
from tests.engines.trust.metadata_store import MetadataStore, Repository, metadata_store
from tests.engines.trust.oracle import NotaryClient
from tests.fleet.trust.authorities import certified
from tests.fleet.trust.notary_publisher import signed
from tests.fleet.trust.publishers import REPOSITORY, MemoryRegistry, b64, new_key, push_image

Lie = Callable[["Published"], None]


@dataclass
class Published:
    """A repository that the real client published, with one image under `1.0`, and two who looked at it before."""

    store: MetadataStore
    client: NotaryClient
    registry: MemoryRegistry
    root: Root
    verifier: Notary
    image_id: str
    digest: str
    size: int
    before: dict[str, bytes]

    def loadline(self, verifier: Notary, *, tag: str = "1.0") -> Verdict:
        subject = subject_of(
            reference=f"{REPOSITORY}:{tag}", image_id=self.image_id, repo_digests=(f"{REPOSITORY}@{self.digest}",)
        )
        metadata = MetadataClient(self.store.address, private=True, plain=True)
        readers = Readers(self.registry, metadata)
        return verifier.verify(Asked(subject, self.root, readers, datetime.now(UTC)))

    @property
    def files(self) -> dict[str, bytes]:
        return self.store.repositories[REPOSITORY].files


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client's folder with its keys and what it published, made once: `init` takes its time."""
    return tmp_path_factory.mktemp("notary")


@pytest.fixture(scope="module")
def published_once(template: Path) -> Iterator[Published]:
    with metadata_store() as store:
        client = NotaryClient(store, template / "client")
        registry = MemoryRegistry()
        image = push_image(registry, "1.0")
        client.do("init", REPOSITORY)
        hexadecimal = image.digest.removeprefix("sha256:")
        client.do("addhash", REPOSITORY, "1.0", str(image.size), "--sha256", hexadecimal, "-p")
        old = dict(store.repository(REPOSITORY).files)
        client.do("addhash", REPOSITORY, "0.9", "528", "--sha256", "0" * 64, "-p")
        pinned = role_of(Document.read(store.repository(REPOSITORY).files["root"], "Root"), "root").keys.values()
        root = Root(name="team", kind=Kind.NOTARY, keys=tuple(pinned))
        yield Published(store, client, registry, root, Notary(), image.id, image.digest, image.size, old)


@pytest.fixture
def published(published_once: Published, tmp_path: Path) -> Iterator[Published]:
    """As it was published, for both who have seen it: what a test does to it is undone."""
    repository = published_once.store.repositories[REPOSITORY]
    kept = dict(repository.files), dict(repository.keys), repository.version
    client = published_once.client.copied(tmp_path / "client")
    client.do("list", REPOSITORY)
    verifier = Notary()
    one = Published(**{**vars(published_once), "client": client, "verifier": verifier})
    assert one.loadline(verifier).good
    yield one
    published_once.store.lies = None
    repository.files, repository.keys, repository.version = kept
    published_once.store.repositories[REPOSITORY] = repository


def _replace(name: str, change: Callable[[bytes], bytes | None]) -> Lie:
    """The mirror answers for files that begin so with something else."""

    def lie(published: Published) -> None:
        published.store.lies = lambda _gun, file, body: (
            change(body) if body is not None and file.partition(".")[0] == name else body
        )

    return lie


def _changed(spoil: Callable[[dict[str, object]], None]) -> Callable[[bytes], bytes]:
    def change(body: bytes) -> bytes:
        envelope = json.loads(body)
        spoil(envelope)
        return json.dumps(envelope).encode()

    return change


def _later(envelope: dict[str, object]) -> None:
    envelope["signed"]["expires"] = "2099-01-01T00:00:00Z"  # type: ignore[index]


def _zeros(envelope: dict[str, object]) -> None:
    envelope["signatures"][0]["sig"] = b64(bytes(64))  # type: ignore[index]


def _unsigned(envelope: dict[str, object]) -> None:
    envelope["signatures"] = []


def _other_type(envelope: dict[str, object]) -> None:
    envelope["signed"]["_type"] = "Snapshot"  # type: ignore[index]


def _honest(_: Published) -> None:
    pass


def _expired(published: Published) -> None:
    published.store.repositories[REPOSITORY].stamp(until=datetime.now(UTC) - timedelta(days=1))


def _old_set(published: Published) -> None:
    published.store.lies = lambda _gun, file, _body: published.before.get(file)


def _other_snapshot(published: Published) -> None:
    """Signed by the server's own timestamp key, over a snapshot that it does not have."""
    published.store.repositories[REPOSITORY].stamp(snapshot=b"{}")


def _timestamp_key_signs_the_snapshot(published: Published) -> None:
    repository = published.store.repositories[REPOSITORY]
    document = json.loads(published.files["snapshot"])["signed"]
    document["version"] += 1
    repository.keep("snapshot", signed(document, repository.keys["timestamp"]))
    repository.stamp()


def _foreign_timestamp(published: Published) -> None:
    published.store.repositories[REPOSITORY].stamp(key=new_key())


def _everything_gone(published: Published) -> None:
    published.store.lies = lambda *_: None


LIES: dict[str, Lie] = {
    "honest": _honest,
    "expired timestamp": _expired,
    "a timestamp whose date was moved": _replace("timestamp", _changed(_later)),
    "a timestamp with zeros for a signature": _replace("timestamp", _changed(_zeros)),
    "a timestamp that nobody signed": _replace("timestamp", _changed(_unsigned)),
    "a timestamp of another type": _replace("timestamp", _changed(_other_type)),
    "a timestamp by another key": _foreign_timestamp,
    "a timestamp over a snapshot that is not there": _other_snapshot,
    "a snapshot by the timestamp's key": _timestamp_key_signs_the_snapshot,
    "snapshot withheld": _replace("snapshot", lambda _: None),
    "targets withheld": _replace("targets", lambda _: None),
    "targets with other bytes": _replace("targets", lambda body: body + b" "),
    "targets with another signature": _replace("targets", _changed(_zeros)),
    "snapshot with other bytes": _replace("snapshot", lambda body: body + b"\n"),
    "a root that nobody signed": _replace("root", _changed(_unsigned)),
    "a root of another type": _replace("root", _changed(_other_type)),
    "no metadata at all": _everything_gone,
}


@pytest.mark.parametrize("name", LIES)
def test_both_say_the_same_at_first_sight(published: Published, name: str, tmp_path: Path) -> None:
    LIES[name](published)
    stranger = published.client.forgetful(tmp_path / "stranger")
    theirs = stranger.believes(REPOSITORY, "1.0")
    ours = published.loadline(Notary())
    assert ours.good is theirs, ours.sentence
    assert theirs is (name == "honest")


#: What it says when it saw the honest metadata before: what is cached, it does not ask for again, and neither do we.
STILL_GOOD = {
    "honest", "snapshot withheld", "targets withheld", "targets with other bytes", "targets with another signature",
    "snapshot with other bytes", "a root that nobody signed", "a root of another type",
}  # fmt: skip


@pytest.mark.parametrize("name", [*sorted(set(LIES) - {"no metadata at all"}), "the set of before"])
def test_both_say_the_same_of_what_they_saw_before(published: Published, name: str) -> None:
    {**LIES, "the set of before": _old_set}[name](published)
    theirs = published.client.believes(REPOSITORY, "1.0")
    ours = published.loadline(published.verifier)
    assert ours.good is theirs, ours.sentence
    assert theirs is (name in STILL_GOOD)


def test_when_all_is_withheld_notary_goes_on_with_what_it_kept_and_we_say_so(published: Published) -> None:
    """The one difference beside trust on first use, and on purpose: a 404 after signed metadata is an alarm."""
    _everything_gone(published)
    assert published.client.believes(REPOSITORY, "1.0")
    verdict = published.loadline(published.verifier)
    assert (verdict.state, verdict.reason) == (State.INVALID, Reason.WITHHELD)


def test_a_repository_begun_anew_is_trusted_on_first_use_by_notary_and_refused_by_us(
    published: Published, tmp_path: Path
) -> None:
    published.store.repositories[REPOSITORY] = Repository()
    usurper = published.client.forgetful(tmp_path / "usurper")
    usurper.do("init", REPOSITORY)
    hexadecimal = published.digest.removeprefix("sha256:")
    usurper.do("addhash", REPOSITORY, "1.0", str(published.size), "--sha256", hexadecimal, "-p")
    assert published.client.forgetful(tmp_path / "stranger").believes(REPOSITORY, "1.0")
    assert published.loadline(Notary()).state is State.UNKNOWN_PUBLISHER
    assert not published.client.believes(REPOSITORY, "1.0")
    verdict = published.loadline(published.verifier)
    assert (verdict.state, verdict.reason) == (State.INVALID, Reason.ROLLBACK)


def test_a_rotated_root_is_followed_from_the_old_pin_as_notary_follows_it(published: Published, tmp_path: Path) -> None:
    published.client.do("key", "rotate", REPOSITORY, "root", answer="yes\n")
    assert json.loads(published.files["root"])["signed"]["version"] == 2
    for verifier in (Notary(), published.verifier):
        assert published.loadline(verifier).good
    assert published.client.forgetful(tmp_path / "stranger").believes(REPOSITORY, "1.0")


def test_what_a_delegate_signed_counts_as_it_does_for_notary(published: Published, tmp_path: Path) -> None:
    key, certificate = _delegate(tmp_path)
    published.client.do("delegation", "add", REPOSITORY, "targets/releases", str(certificate), "--all-paths", "-p")
    published.client.do("key", "import", str(key), "--role", "delegate")
    hexadecimal = published.digest.removeprefix("sha256:")
    arguments = ("2.0", str(published.size), "--sha256", hexadecimal, "-r", "targets/releases", "-p")
    published.client.do("addhash", REPOSITORY, *arguments)
    assert published.loadline(Notary(), tag="2.0").good
    assert published.client.believes(REPOSITORY, "2.0")
    only_targets = replace(published.root, roles=("targets",))
    assert replace(published, root=only_targets).loadline(Notary(), tag="2.0").state is State.OTHER_TAG


def test_what_was_taken_back_is_unsigned(published: Published) -> None:
    published.client.do("remove", REPOSITORY, "1.0", "-p")
    assert not published.client.believes(REPOSITORY, "1.0")
    assert published.loadline(published.verifier).state is State.UNSIGNED


def _delegate(folder: Path) -> tuple[Path, Path]:
    """A key in the form that the client imports, and its certificate."""
    delegate = certified("delegate")
    key, certificate = folder / "delegate.key", folder / "delegate.crt"
    key.write_bytes(
        delegate.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(delegate.certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate
