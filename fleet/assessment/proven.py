"""What is proven of the images on some hosts, read for all of them at once; nothing where nothing is registered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from fleet.inventory import Proof, Proven, Scanned, TagMeaning
from fleet.inventory.plain import fingerprint, to_plain
from fleet.models import Container, Image
from fleet.proving import newest_on
from fleet.trust.errors import Refused
from fleet.trust.names import ImageName, parse
from fleet.trust.scan import Scan, Severity
from fleet.trust.states import State

if TYPE_CHECKING:
    from fleet.proving import Grounds, Shown

#: Holes that a finding names.
_MOST_NAMED: Final = 5
#: By the key of an image's row.
ProvenOf = Mapping[int, Proven]
#: Names by which each image runs: its key and its ID, with the references and what they are read as.
_Runs = dict[tuple[int, str], dict[str, ImageName | None]]


def read_proven(
    containers: Iterable[Container], images: Mapping[int, Image], grounds: Grounds, now: datetime
) -> dict[int, Proven]:
    """Of images that these containers run; `images` are their rows by their keys. Five queries at most, however many
    hosts, and one where nothing was registered and no scanner's report came.
    """
    if not grounds:
        used = {row.image_id for row in containers if row.image_id in images}
        return {key: Proven(scan=_scanned(scan)) for key, scan in newest_on(images[key] for key in used if key).items()}
    from fleet.proving import shown_all, stated_of, tags_of  # keys and signatures: for who has registered any

    runs: _Runs = {}
    for row in containers:
        if row.image_id is not None and row.image_id in images:
            names = runs.setdefault((row.image_id, images[row.image_id].engine_id), {})
            if row.image_reference not in names:
                names[row.image_reference] = _read(row.image_reference)
    scans = newest_on(images[key] for key, _ in runs)
    asked = {(name, image) for (_, image), names in runs.items() for name in names.values() if name is not None}
    said = shown_all(asked, grounds.roots, now)
    meanings = tags_of(asked, grounds.registries)
    stated = stated_of(asked, grounds.roots, grounds.registries)
    return {
        key: Proven(
            proofs=tuple(_proofs(names, image, said)) if grounds.roots else (),
            tags=tuple(_tags(names, image, meanings)),
            stated=tuple(stated[one, image] for one in _named(names) if (one, image) in stated),
            scan=_scanned(scans[key]) if key in scans else None,
        )
        for (key, image), names in runs.items()
    }


def _read(reference: str) -> ImageName | None:
    """None for what names nothing: an ID, or what no registry could hold."""
    try:
        return parse(reference)
    except Refused:
        return None


def _named(names: Mapping[str, ImageName | None]) -> Sequence[ImageName]:
    return sorted({name for name in names.values() if name is not None}, key=str)


def _proofs(
    names: Mapping[str, ImageName | None], image: str, said: Mapping[tuple[ImageName, str], Shown]
) -> Iterator[Proof]:
    """One for each name, in their order. What was started by an ID claims nothing beside what has a name."""
    told = _named(names)
    for name in told:
        yield proof_of(str(name), said[name, image])
    if not told:
        from fleet.proving import no_policy

        yield proof_of("", no_policy(None))


def proof_of(name: str, shown: Shown) -> Proof:
    row = shown.result
    root = f"{shown.root}, version {shown.version}" if shown.root else ""
    said = Proof(name=name, state=shown.state.value, sentence=shown.sentence, root=root, until=shown.until)
    if row is None:
        return replace(said, looked=shown.state is State.NO_POLICY)
    if shown.state.value != row.state or shown.state is State.UNREACHABLE:  # time has taken away what was found out
        return said
    found = replace(said, reason=row.reason, signer=row.signer, digest=row.digest)
    return found if shown.fresh else replace(found, as_of=row.checked_at, obstacle=row.obstacle)


def _tags(
    names: Mapping[str, ImageName | None], image: str, meanings: Mapping[tuple[ImageName, str], TagMeaning]
) -> Iterator[TagMeaning]:
    for reference, name in sorted(names.items()):
        if name is not None and (found := meanings.get((name, image))) is not None:
            yield TagMeaning(reference=reference, same=found.same, digest=found.digest, obstacle=found.obstacle)


def _scanned(scan: Scan) -> Scanned:
    critical, high = scan.count(Severity.CRITICAL), scan.count(Severity.HIGH)
    worst = [one for one in scan.worst if one.fixable and one.severity in {Severity.CRITICAL, Severity.HIGH}]
    return Scanned(
        scanner=scan.scanner,
        made_at=scan.made_at,
        as_of=scan.as_of,
        critical=critical.holes,
        high=high.holes,
        critical_fixable=critical.fixable,
        high_fixable=high.fixable,
        fixable=tuple(f"{one.id} in {one.package} {one.version}".strip() for one in worst[:_MOST_NAMED]),
        recognised=scan.recognised,
        ended=scan.ended,
        system=scan.system,
    )


def digest_of(proven: Proven | None) -> Sequence[str]:
    """For the key of what rests on all of it: nothing where nothing is proven, so that no key has to be written."""
    return [fingerprint(to_plain(proven.lasting()))] if proven else []


def digest_of_tag(proven: Proven | None, reference: str) -> Sequence[str]:
    """For the key of a container that runs by that reference."""
    found = proven.tag(reference) if proven else None
    return [fingerprint(to_plain(found))] if found else []


def moments_of(proven: Collection[Proven]) -> Iterator[datetime]:
    """When time alone ends what may be said."""
    for one in proven:
        for proof in one.proofs:
            if proof.until is not None:
                yield proof.until
