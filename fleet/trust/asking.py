"""What every scheme is given, what it answers, and what an error on the way says of an image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Protocol

from fleet.trust.errors import BadDigest, Malformed, NotFound, Refused, TooLarge, TrustError, Unreachable
from fleet.trust.names import ImageName
from fleet.trust.reading import Readers
from fleet.trust.roots import Kind, Root
from fleet.trust.states import Failure, Reason, State, Step, Verdict
from fleet.trust.subject import Bound, Subject, bound

MOST_CANDIDATES: Final = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: is this image what the root's publisher signed?

    `verified_before` are digests that were verified under this root and name at any time.
    """

    subject: Subject
    root: Root
    readers: Readers
    now: datetime
    verified_before: frozenset[str] = frozenset()

    @property
    def name(self) -> ImageName:
        """Raises Failure for what was started by an ID: no root speaks for what has no name."""
        if self.subject.name is None:
            raise Failure(
                State.NO_POLICY, "It was started by an image ID, so no name says whose image it claims to be."
            )
        return self.subject.name


class Verifier(Protocol):
    """One scheme. `verify` raises nothing but what is a mistake in it."""

    kind: ClassVar[Kind]

    def verify(self, asked: Asked) -> Verdict: ...


def answered(judge: Callable[[Asked], Verdict], asked: Asked) -> Verdict:
    """The verdict, or what stands for the error that was met."""
    try:
        return judge(asked)
    except Failure as failure:
        return failure.verdict()
    except TrustError as error:
        return verdict_of(error)


def verdict_of(error: TrustError) -> Verdict:
    """UNREACHABLE for what says nothing of the image; INVALID for a registry that told something untrue."""
    reasons = {BadDigest: Reason.HASH, Malformed: Reason.MALFORMED, TooLarge: Reason.OVERSIZED}
    for kind, reason in reasons.items():
        if isinstance(error, kind):
            return Verdict(state=State.INVALID, sentence=_sentence(error), reason=reason)
    if isinstance(error, NotFound):
        return Verdict(state=State.INVALID, sentence=_sentence(error), reason=Reason.WITHHELD)
    assert isinstance(error, Refused | Unreachable)  # noqa: S101 - the rest of the family
    wait = error.retry_after if isinstance(error, Unreachable) else None
    return Verdict(state=State.UNREACHABLE, sentence=_sentence(error), retry_after=wait)


def _sentence(error: TrustError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def bound_candidates(asked: Asked) -> Iterator[Bound]:
    """What the registry has of what runs: by the digests that the engine tells, then by what the tag means now."""
    subject, name, registry = asked.subject, asked.name, asked.readers.registry
    seen: set[str] = set()
    for digest in subject.candidates[:MOST_CANDIDATES]:
        seen.add(digest)
        found = bound(subject, digest, registry, name.path)
        if found is not None:
            yield found
    if name.tag is None:
        return
    try:
        current = registry.manifest(name.path, name.tag).digest
    except NotFound:
        return
    if current not in seen:
        found = bound(subject, current, registry, name.path)
        if found is not None:
            yield found


def path_steps(asked: Asked, path: Bound) -> tuple[Step, ...]:
    """The chain from what runs up to the digest that was signed."""
    steps = [Step("image", asked.subject.image_id, "what the engine says that it runs")]
    *above, manifest = path.digests
    steps.append(Step("manifest", manifest, "names that configuration"))
    steps.extend(Step("index", digest, "lists that manifest") for digest in reversed(above))
    return tuple(steps)


def root_step(root: Root) -> Step:
    return Step("root", f"{root.name}, version {root.version}", "registered by an admin")


NOT_IN_REGISTRY: Final = (
    "Nothing that the registry has under this name is what runs: it was built or loaded on the host."
)
