"""Asking registries and Notary servers whether an image is what its publisher signed, and keeping what they prove."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from fleet.models import ImageStatements, RunningTag, TrustResult
from fleet.proving.keeping import KeptContents, held, store
from fleet.proving.registries import registered
from fleet.proving.results import before, best, evidence_tag, keep, last, may_stand, no_policy, remembered, say
from fleet.proving.roots import InForce, closest, in_force
from fleet.proving.stated import WHOLE_INTERVAL, keep_statements, keys_of, known_of, postpone, stands, versions_of
from fleet.proving.tags import Meant, keep_tag
from fleet.trust.ageing import is_ahead
from fleet.trust.asking import Asked, Verifier, answered, verdict_of
from fleet.trust.errors import NotFound, Refused, TrustError, Unreachable
from fleet.trust.metadata import MetadataClient
from fleet.trust.names import ImageName
from fleet.trust.reading import OnceReader, Readers
from fleet.trust.registry import RegistryClient
from fleet.trust.roots import Kind
from fleet.trust.statements import Beside, statements_beside
from fleet.trust.states import Failure, State, Verdict
from fleet.trust.subject import Subject, bound, subject_of
from fleet.trust.tuf.memory import Memory
from fleet.trust.tuf.refresh import refresh
from fleet.trust.verifiers.cosign import Cosign
from fleet.trust.verifiers.keyless import Keyless
from fleet.trust.verifiers.notary import judge
from fleet.trust.verifiers.notation import Notation

_log = logging.getLogger(__name__)
_VERIFIERS: Final[Mapping[Kind, Verifier]] = {one.kind: one for one in (Cosign(), Keyless(), Notation())}
#: Neither what the database says nor the end of a task is among them.
_MISTAKES: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, RuntimeError)
#: So often somebody else may have stored newer metadata while we read it.
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Proof:
    """What came out just now, by the root that says the best: `result` is what was kept, None where no root speaks or
    nothing that could be looked at is there.
    """

    verdict: Verdict
    root: str = ""
    result: TrustResult | None = None


class Prover:
    """For one run: trust roots as they were at its begin, a connection to each registry, and the signed tags of each
    repository read once. Not for several threads at once.
    """

    def __init__(self, now: datetime) -> None:
        #: Whether the last look at a tag or beside an image met nobody who answered; an odd answer is one.
        self.met_silence = False
        self._roots = in_force()
        self._contents = KeptContents(now)
        self._clients: dict[str, RegistryClient | TrustError | None] = {}
        self._servers: dict[int, MetadataClient] = {}
        self._memories: dict[tuple[int, str], Memory | Failure | TrustError] = {}
        self._tags: dict[str, str | TrustError | None] = {}
        self._readers: dict[str, OnceReader] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self._clients.values(), *self._servers.values()):
            if isinstance(one, RegistryClient | MetadataClient):
                one.close()

    def roots_of(self, name: ImageName) -> tuple[InForce, ...]:
        """Those that speak for it. Before anything else: whoever starts a container chooses what it is called."""
        return closest(self._roots, name.repository)

    def verify(self, subject: Subject, now: datetime, *, again: bool = False) -> Proof:
        """Without a trust root or a registered registry nobody is asked anything. `again` is for a look that is due:
        what was signed stays signed, so that mostly the list of the repository's tags is enough.
        """
        name = subject.name
        roots = self.roots_of(name) if name else ()
        if name is None or not roots:
            told = no_policy(name.repository if name else None)
            return Proof(Verdict(state=told.state, sentence=told.sentence))
        stood = {one: self._standing(one, name, subject, now) if again else None for one in roots}
        found = {
            one: remembered(row) if row is not None else self._under(one, name, subject, now)
            for one, row in stood.items()
        }
        return self._best(found, lambda one: keep(one, name, subject.image_id, found[one], now, stood=stood[one]), now)

    def look_at_tag(self, subject: Subject, now: datetime) -> RunningTag:
        """What the tag by which it runs means in the registry now. Raises Refused for what runs by none."""
        name = subject.name
        if name is None or name.tag is None:
            raise Refused("it was not started by a tag")
        found: Meant | TrustError
        try:
            found = self._meant(name, name.tag, subject)
        except TrustError as error:
            found = error
        except _MISTAKES:
            _log.exception("a mistake of Loadline's in asking what %s means", name)
            found = Unreachable("it could not be worked out; Loadline's log says why")
        self.met_silence = isinstance(found, Unreachable | Refused)
        return keep_tag(name, subject.image_id, found, now)

    def look_beside(
        self, subject: Subject, now: datetime, *, asks: bool = True, whole: bool = False
    ) -> ImageStatements:
        """What was stated about it and lies beside it in its registry, `whole` or as far as its tags moved; a registry
        that was just silent is not asked again, and that is noted. Raises Refused for what has no name.
        """
        name = subject.name
        if name is None:
            raise Refused("it was started by an image ID, which names no registry")
        roots = self.roots_of(name)
        versions = versions_of(roots)
        row = ImageStatements.objects.filter(name=str(name), image_id=subject.image_id).first()
        found: Beside | TrustError
        self.met_silence = False
        try:
            if asks and not whole and row is not None and self._stands_beside(row, name, versions, now):
                return postpone(row, now)
            if not asks:
                raise Unreachable("the registry did not answer, so it was not asked what lies beside the image")
            found = statements_beside(
                subject,
                name,
                self._reader(name),
                tag=lambda: self._digest_of(name, str(name.tag)),
                keys=keys_of(roots),
                known=known_of(row, versions),
            )
        except TrustError as error:
            found = error
        except _MISTAKES:
            _log.exception("a mistake of Loadline's in looking beside %s", name)
            found = Unreachable("it could not be worked out; Loadline's log says why")
        self.met_silence = isinstance(found, Unreachable | Refused)
        return keep_statements(name, subject.image_id, found, versions=versions, now=now)

    def _stands_beside(self, row: ImageStatements, name: ImageName, versions: str, now: datetime) -> bool:
        """Whether the list of tags is enough, which is asked for once for all images of the repository."""
        if row.local or row.checked_at is None or row.versions != versions or is_ahead(row.checked_at, now):
            return False
        if now >= row.checked_at + WHOLE_INTERVAL:
            return False
        tags = self._client(name).tags(name.path)
        return tags is not None and stands(row, tags)

    def _meant(self, name: ImageName, tag: str, subject: Subject) -> Meant:
        """The engine's word for the digests that it pulled is enough: this proves nothing of anybody."""
        digest = self._digest_of(name, tag)
        if digest is None or digest in subject.candidates:
            return Meant(digest, same=digest is not None)
        # Of several platforms in one index it may have pulled one by its own digest, or it was loaded from a file.
        return Meant(digest, same=bound(subject, digest, self._client(name), name.path, only_own=True) is not None)

    def _digest_of(self, name: ImageName, tag: str) -> str | None:
        """Asked for once in this run, whichever images run by the tag. Raises what that met, each time."""
        key = f"{name.repository}:{tag}"
        if key not in self._tags:
            try:
                self._tags[key] = self._client(name).tag_digest(name.path, tag)
            except TrustError as error:
                self._tags[key] = error
        found = self._tags[key]
        if isinstance(found, TrustError):
            raise found.with_traceback(None)
        return found

    def verify_name(self, name: ImageName, now: datetime) -> Proof:
        """What the registry has under the name now, whether or not it runs anywhere: its digest is the image's ID."""
        if not self.roots_of(name):
            told = no_policy(name.repository)
            return Proof(Verdict(state=told.state, sentence=told.sentence))
        try:
            digest = name.digest or self._client(name).manifest(name.path, str(name.tag)).digest
        except NotFound:
            return Proof(Verdict(state=State.LOCAL, sentence=f"{name.registry} has no image {name.path}:{name.tag}."))
        except TrustError as error:
            return Proof(verdict_of(error))
        return self.verify(subject_of(reference=str(name), image_id=digest, containerd=True), now)

    def _best(self, found: Mapping[InForce, Verdict], kept: Callable[[InForce], TrustResult], now: datetime) -> Proof:
        rows = {one: kept(one) for one in found}
        said = {one: say(row, one, now) for one, row in rows.items()}
        # By what was found out just now; what is remembered stands in the rows.
        live = {one: verdict for one, verdict in found.items() if verdict.state is not State.UNREACHABLE} or found
        top = best([said[one] for one in live])
        chosen = next(one for one in live if said[one] is top)
        return Proof(found[chosen], chosen.root.name, rows[chosen])

    def _standing(self, by: InForce, name: ImageName, subject: Subject, now: datetime) -> TrustResult | None:
        """What was verified before, where its signature is still there; None for what must be looked at as a whole,
        as everything by Notary, whose signatures end.
        """
        row = None if by.root.kind is Kind.NOTARY else last(by, name, subject.image_id)
        if row is None or not may_stand(row, now):
            return None
        try:
            tags = self._client(name).tags(name.path)
        except TrustError:
            return None
        return row if evidence_tag(row) in (tags or ()) else None

    def _under(self, by: InForce, name: ImageName, subject: Subject, now: datetime) -> Verdict:
        try:
            readers = Readers(self._reader(name), self._server(by))
            asked = Asked(subject, by.root, readers, now, before(by.root_id, name))
            if by.root.kind is Kind.NOTARY:
                return answered(lambda one: judge(one, self._signed(by, name.repository, readers, now)), asked)
            return _VERIFIERS[by.root.kind].verify(asked)
        except TrustError as error:
            return verdict_of(error)
        except _MISTAKES:  # what is in a registry was made by strangers, and one of them may not stop all others
            _log.exception("a mistake of Loadline's in verifying %s under %s", name, by.root.name)
            return Verdict(state=State.UNREACHABLE, sentence="It could not be worked out; Loadline's log says why.")

    def _client(self, name: ImageName) -> RegistryClient:
        """Raises Unreachable for a registry that nobody registered, and Refused for one that cannot be asked."""
        host = name.registry
        if host not in self._clients:
            try:
                told = registered(host)
                self._clients[host] = RegistryClient(told, contents=self._contents) if told else None
            except TrustError as error:
                self._clients[host] = error
        found = self._clients[host]
        if found is None:
            raise Unreachable(
                f"the registry {host} is not registered, so nothing was asked: "
                f"an admin registers it, with ./loadline trust registry add {host}"
            )
        if isinstance(found, TrustError):
            raise found
        return found

    def _reader(self, name: ImageName) -> OnceReader:
        """As `_client`."""
        client = self._client(name)
        return self._readers.setdefault(name.registry, OnceReader(client))

    def _server(self, by: InForce) -> MetadataClient | None:
        told = by.terms.server
        if told is None:
            return None
        if by.version_id not in self._servers:
            self._servers[by.version_id] = MetadataClient(
                told.address, private=told.private, plain=told.plain, ca=told.ca or None
            )
        return self._servers[by.version_id]

    def _signed(self, by: InForce, repository: str, readers: Readers, now: datetime) -> Memory:
        """The signed tags of the repository, brought up to date once in this run. Raises what that met, each time."""
        key = by.version_id, repository
        if key not in self._memories:
            try:
                self._memories[key] = self._refreshed(by, repository, readers, now)
            except (Failure, TrustError) as error:
                self._memories[key] = error
        found = self._memories[key]
        if isinstance(found, Memory):
            return found
        raise found.with_traceback(None)

    def _refreshed(self, by: InForce, repository: str, readers: Readers, now: datetime) -> Memory:
        assert readers.metadata is not None  # noqa: S101 - terms of Notary have a server
        for _ in range(_TRIES):
            known = held(by.root_id, repository)
            fresh = refresh(repository, by.root, known.memory, readers.metadata, now)
            if fresh is known.memory or store(by.root_id, repository, fresh, after=known, now=now):
                return fresh
        raise Unreachable("others were looking at the same metadata all the time")
