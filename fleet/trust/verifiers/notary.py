"""Notary v1 (Docker Content Trust): the only scheme that binds the tag, and that says what is current."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from fleet.trust.asking import (
    MOST_CANDIDATES,
    NOT_IN_REGISTRY,
    Asked,
    answered,
    bound_candidates,
    path_steps,
    root_step,
)
from fleet.trust.reading import MetadataReader
from fleet.trust.roots import Kind
from fleet.trust.states import Failure, Reason, State, Step, Verdict
from fleet.trust.subject import Bound, bound
from fleet.trust.tuf.memory import Memory, Target
from fleet.trust.tuf.refresh import refresh


class Notary:
    """Reads the metadata once; the caller keeps `memory` afterwards, whatever came out."""

    kind: ClassVar[Kind] = Kind.NOTARY

    def __init__(self, memory: Memory | None = None) -> None:
        self.memory = memory

    def verify(self, asked: Asked) -> Verdict:
        return answered(self._verify, asked)

    def _verify(self, asked: Asked) -> Verdict:
        reader: MetadataReader | None = asked.readers.metadata
        if reader is None:
            raise Failure(State.UNREACHABLE, "The trust root names no server of signed metadata.")
        self.memory = refresh(asked.name.repository, asked.root, self.memory, reader, asked.now)
        return judge(asked, self.memory)


def judge(asked: Asked, memory: Memory) -> Verdict:
    """By metadata that was verified before. Raises Failure, and what the registry's reader raises."""
    name, subject = asked.name, asked.subject
    target = memory.targets.get(name.tag) if name.tag else None
    if target is not None:
        path = bound(subject, target.digest, asked.readers.registry, name.path)
        if path is not None:
            return _verified(asked, memory, target, path, str(name.tag))
    for tag, other, path in _others(asked, memory):
        if name.tag is None:  # a name that is a digest claims no tag
            return _verified(asked, memory, other, path, tag)
        return Verdict(
            state=State.OTHER_TAG,
            sentence=f"The publisher signed this image as {tag}, not as {name.tag}, by which it runs.",
            signer=other.role,
            digest=other.digest,
            valid_until=memory.valid_until,
            chain=(*path_steps(asked, path), root_step(asked.root)),
        )
    return _unsigned(asked, memory, target)


def _unsigned(asked: Asked, memory: Memory, target: Target | None) -> Verdict:
    """What is said of an image that is signed under no tag; `target` is what its own tag is signed for."""
    tag, until = asked.name.tag, memory.valid_until
    if target is None and next(bound_candidates(asked), None) is None:
        return Verdict(state=State.LOCAL, sentence=NOT_IN_REGISTRY)
    if target is None:
        sentence = "The repository is signed, this image under this tag is not."
        return Verdict(state=State.UNSIGNED, sentence=sentence, valid_until=until)
    if asked.verified_before.intersection(asked.subject.candidates):
        sentence = f"The publisher signed {tag} for a newer image since this one was verified."
        return Verdict(state=State.SUPERSEDED, sentence=sentence, digest=target.digest, valid_until=until)
    sentence = f"The publisher signed {tag} for another image than the one that runs by this name."
    return Verdict(state=State.MISMATCH, sentence=sentence, digest=target.digest, valid_until=until)


def _others(asked: Asked, memory: Memory) -> Iterator[tuple[str, Target, Bound]]:
    """Other tags that are signed for what runs."""
    for digest in asked.subject.candidates[:MOST_CANDIDATES]:
        for tag, target in memory.targets.items():
            if target.digest == digest and tag != asked.name.tag:
                path = bound(asked.subject, digest, asked.readers.registry, asked.name.path)
                if path is not None:
                    _same_size(path, target)
                    yield tag, target, path
                break


def _verified(asked: Asked, memory: Memory, target: Target, path: Bound, tag: str) -> Verdict:
    _same_size(path, target)
    return Verdict(
        state=State.VERIFIED,
        sentence=f"Its publisher signed this very image as {tag}, "
        f"and the signed list of tags is valid until {memory.valid_until:%Y-%m-%d}.",
        signer=target.role,
        digest=target.digest,
        valid_until=memory.valid_until,
        chain=(
            *path_steps(asked, path),
            Step("signature", f"{tag} in {target.role}", f"version {memory.roles[target.role].version}"),
            Step("key", ", ".join(pin[:16] for pin in memory.pins), "the pinned root key leads to it"),
            root_step(asked.root),
        ),
    )


def _same_size(path: Bound, target: Target) -> None:
    if path.size != target.size:
        raise Failure.invalid(Reason.HASH, "The signed size is not that of the image's manifest.")
