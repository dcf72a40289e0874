"""What lies beside images in their registries, as it was found last: lists of what is inside, and records of builds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from fleet.inventory import Stated, StatedOnce
from fleet.models import ImageStatements
from fleet.proving.keeping import done, in_vain, rewritten
from fleet.proving.roots import InForce, closest
from fleet.trust.ageing import is_too_old, spread
from fleet.trust.asking import verdict_of
from fleet.trust.errors import TrustError
from fleet.trust.keys import PublicKey
from fleet.trust.names import ImageName
from fleet.trust.roots import Kind
from fleet.trust.statements import Beside, Statement, attestations_tag, referrers_tag

#: Until it is looked for again, by the list of the repository's tags; and until it is so as a whole.
STATED_INTERVAL: Final = timedelta(hours=24)
WHOLE_INTERVAL: Final = timedelta(days=7)


def may_be_asked(name: ImageName, registries: Collection[str]) -> bool:
    """No trust root is needed to see that something lies there."""
    return name.registry in registries


def keys_of(roots: Iterable[InForce]) -> tuple[PublicKey, ...]:
    """Those that statements are signed with: of cosign, whose form they have."""
    return tuple(key for one in roots if one.root.kind is Kind.COSIGN for key in one.root.keys)


def versions_of(roots: Iterable[InForce]) -> str:
    return ",".join(str(one.version_id) for one in roots if one.root.kind is Kind.COSIGN)[:500]


def known_of(row: ImageStatements | None, versions: str) -> Mapping[str, Sequence[Statement]]:
    """What needs not be read again, by the manifest it hangs in: nothing where other keys are in force by now."""
    found: dict[str, list[Statement]] = {}
    for one in row.found if row is not None and row.versions == versions else ():
        statement = Statement(**one)
        found.setdefault(statement.digest, []).append(statement)
    return found


def stands(row: ImageStatements, tags: Collection[str]) -> bool:
    """Whether the tags of the repository say that nothing came and nothing went. What is in an index never changes, and
    where there is an endpoint for what refers to an image no tag tells it, so that it waits for the next whole look.
    """
    here = {str(digest) for digest in row.digests}
    mine = {one for digest in here for one in (referrers_tag(digest), attestations_tag(digest))}
    known = set(row.tags)
    kept = known & {attestations_tag(digest) for digest in here}
    return mine.intersection(tags) <= known and kept <= set(tags)


def postpone(row: ImageStatements, now: datetime) -> ImageStatements:
    """It stands as it was found; when that was is not changed, so that the whole has its turn."""
    told = done(now, now + spread(STATED_INTERVAL, f"{row.name} {row.image_id}"))
    ImageStatements.objects.filter(pk=row.pk).update(**told)
    for name, value in told.items():
        setattr(row, name, value)
    return row


def stated_of(
    asked: Collection[tuple[ImageName, str]], roots: Sequence[InForce], registries: Collection[str]
) -> Mapping[tuple[ImageName, str], Stated]:
    """Of names each with an image's ID, those of which the registry may be asked; one query, none without any."""
    mine = {(str(name), image): name for name, image in asked if may_be_asked(name, registries)}
    if not mine:
        return {}
    rows = ImageStatements.objects.filter(name__in={name for name, _ in mine})
    kept = {(row.name, row.image_id): row for row in rows}
    versions = {name: versions_of(closest(roots, name.repository)) for name in mine.values()}
    return {(name, image): _told(kept.get((text, image)), versions[name]) for (text, image), name in mine.items()}


def _told(row: ImageStatements | None, versions: str) -> Stated:
    """A signer whose key is not in force any more is nobody who is registered."""
    if row is None:
        return Stated()
    by_these = row.versions == versions
    found = [Statement(**one) for one in row.found]
    return Stated(
        looked=row.checked_at is not None,
        local=row.local,
        obstacle=row.obstacle if row.checked_at is None else "",
        found=tuple(
            StatedOnce(
                about=one.about.value,
                kind=one.kind,
                source=one.source,
                signed=one.signed,
                signer=one.signer if by_these else "",
            )
            for one in found
        ),
    )


def keep_statements(
    name: ImageName, image_id: str, found: Beside | TrustError, *, versions: str, now: datetime
) -> ImageStatements:
    """What was found last stands while nobody can be asked, for a day past its time."""

    def make(row: ImageStatements | None) -> Mapping[str, object]:
        fields = _found(found, key, now) if isinstance(found, Beside) else _in_vain(row, found, versions, key, now)
        fields["versions"] = versions
        return {**fields, "untold": row is None or row.untold or _says(row) != _says_then(row, fields)}

    key = f"{name} {image_id}"
    return rewritten(ImageStatements, make, name=str(name), image_id=image_id)


def _found(found: Beside, key: str, now: datetime) -> dict[str, Any]:
    plain = [
        {"kind": one.kind, "source": one.source, "digest": one.digest, "signed": one.signed, "signer": one.signer}
        for one in found.found
    ]
    return {
        "found": plain,
        "digests": list(found.digests),
        "tags": sorted(found.tags),
        "local": found.local,
        "checked_at": now,
        **done(now, now + spread(STATED_INTERVAL, key)),
    }


def _in_vain(row: ImageStatements | None, met: TrustError, versions: str, key: str, now: datetime) -> dict[str, Any]:
    fields = in_vain(row, verdict_of(met), key, now)
    if row is not None and row.versions != versions:
        # By other keys nobody has looked yet who signed it; without its place it will be read again.
        fields["found"] = [{**one, "signer": "", "digest": ""} for one in row.found]
    if row is not None and row.checked_at is not None and is_too_old(row.checked_at, WHOLE_INTERVAL, now):
        fields |= {"found": [], "local": False, "checked_at": None}
    return fields


def _says(row: ImageStatements) -> tuple[object, ...]:
    return row.found, row.local, row.versions, row.checked_at is None


def _says_then(row: ImageStatements, fields: Mapping[str, Any]) -> tuple[object, ...]:
    """What it says with these fields in place of its own."""
    then = {name: fields.get(name, getattr(row, name)) for name in ("found", "local", "versions", "checked_at")}
    return then["found"], then["local"], then["versions"], then["checked_at"] is None
