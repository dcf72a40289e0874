"""What was found out of an image, kept, and what may be said of it now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fleet.models import TrustResult
from fleet.proving.keeping import clean, done, in_vain, rewritten
from fleet.proving.roots import InForce, closest
from fleet.trust.ageing import SKEW, aged, due_after, ends, is_ahead
from fleet.trust.names import ImageName
from fleet.trust.roots import Kind
from fleet.trust.states import ORDER, Reason, State, Step, Verdict

_MOST_BEFORE: Final = 32
_SAID: Final = ("state", "reason", "sentence", "signer", "digest")


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be said of an image now: the best of what the roots that fit closest say. `result` is what that rests
    on, None where nothing was looked at; `fresh` is False where it is only said because nobody could look again.
    `until` is when time alone ends it.
    """

    state: State
    sentence: str
    root: str = ""
    fresh: bool = True
    result: TrustResult | None = None
    version: int = 0  # of the root
    until: datetime | None = None


def no_policy(repository: str | None) -> Shown:
    """Of what no root speaks for; None for what was started by an ID."""
    if repository is None:
        return Shown(State.NO_POLICY, "It was started by an image ID, so no name says whose image it claims to be.")
    return Shown(State.NO_POLICY, f"No trust root speaks for {repository}.")


def shown(name: ImageName | None, image_id: str, roots: Iterable[InForce], now: datetime) -> Shown:
    """By results of the last version of each root; what was found out under an older one is not said any more."""
    if name is None:
        return no_policy(None)
    return shown_all([(name, image_id)], tuple(roots), now, whole=True)[name, image_id]


def shown_all(
    asked: Collection[tuple[ImageName, str]], roots: Sequence[InForce], now: datetime, *, whole: bool = False
) -> Mapping[tuple[ImageName, str], Shown]:
    """As `shown`, of many names each with an image's ID: one query, and none where no root speaks for any. Chain and
    warnings of the results are read only with `whole`.
    """
    repositories = {name.repository for name, _ in asked}
    speaking = {one: {by.version_id: by for by in closest(roots, one)} for one in repositories}
    names = {str(name): name for name, _ in asked if speaking[name.repository]}
    said: dict[tuple[ImageName, str], list[Shown]] = {}
    versions = {key for some in speaking.values() for key in some}
    rows = TrustResult.objects.filter(name__in=list(names), version__in=versions)
    for row in rows if whole else rows.defer("chain", "warnings", "verified_before"):
        if (by := speaking[names[row.name].repository].get(row.version_id)) is not None:
            said.setdefault((names[row.name], row.image_id), []).append(say(row, by, now))
    return {
        one: (best(said.get(one, ())) or NOT_LOOKED_AT) if speaking[one[0].repository] else no_policy(one[0].repository)
        for one in asked
    }


NOT_LOOKED_AT: Final = Shown(State.UNREACHABLE, "It has not been looked at yet.", fresh=False)


def say(row: TrustResult, by: InForce, now: datetime) -> Shown:
    """What one result says now."""
    state, kind = State(row.state), by.root.kind
    found = aged(
        state=state,
        sentence=row.sentence,
        kind=kind,
        checked_at=row.checked_at,
        valid_until=row.valid_until,
        obstacle=row.obstacle,
        now=now,
    )
    end = ends(state=state, kind=kind, checked_at=row.checked_at, valid_until=row.valid_until)
    if end is not None and is_ahead(row.checked_at, now):
        end = row.checked_at - SKEW
    until = end if end is not None and end > now else None
    return Shown(found.state, found.sentence, by.root.name, found.fresh, row, by.root.version, until)


def best(said: Sequence[Shown]) -> Shown | None:
    return min(said, key=lambda one: ORDER.index(one.state), default=None)


def before(root_id: int, name: ImageName) -> frozenset[str]:
    """Digests that were verified under any version of that root and this name."""
    rows = TrustResult.objects.filter(version__root=root_id, name=str(name)).values_list("verified_before", flat=True)
    return frozenset(digest for digests in rows for digest in digests)


def last(by: InForce, name: ImageName, image_id: str) -> TrustResult | None:
    return TrustResult.objects.filter(version=by.version_id, name=str(name), image_id=image_id).first()


def may_stand(row: TrustResult, now: datetime) -> bool:
    """Whether it is enough to see that the signature is still there: of what was verified by one that does not end."""
    lasts = row.valid_until is None or now < row.valid_until
    return row.state == State.VERIFIED and lasts and not is_ahead(row.checked_at, now)


def due_of(due_at: datetime, asked_at: datetime, now: datetime) -> datetime:
    """When it is due again: at once where a wrong clock said when."""
    return min(due_at, now) if is_ahead(asked_at, now) else due_at


def evidence_tag(row: TrustResult) -> str:
    """Under which the signature of a verified image lies in a registry that has no endpoint for what refers to it."""
    source = next((step.value for step in chain_of(row) if step.what == "signature"), "")
    return f"{row.digest.replace(':', '-')}{'.sig' if source.startswith('tag ') else ''}"


def remembered(row: TrustResult) -> Verdict:
    """What was found out, as it was."""
    return Verdict(
        state=State(row.state),
        sentence=row.sentence,
        reason=Reason(row.reason),
        signer=row.signer,
        digest=row.digest,
        valid_until=row.valid_until,
        chain=chain_of(row),
        warnings=tuple(row.warnings),
    )


def keep(
    by: InForce,
    name: ImageName,
    image_id: str,
    verdict: Verdict,
    now: datetime,
    *,
    stood: TrustResult | None = None,
) -> TrustResult:
    """Of a verdict that says nothing of the image only the try is kept, beside what was known before. What it says
    other than before is `untold` until those know who rest on it. Where the verdict is only what `stood` there, it is
    dropped when somebody found out another meanwhile.
    """

    def make(row: TrustResult | None) -> Mapping[str, object]:
        if stood is not None and row is not None and row.checked_at != stood.checked_at:
            return {}
        fields = _tried(row, verdict, key, now) if unreachable else _found(row, verdict, by.root.kind, key, now)
        if row is None:
            fields |= {"repository": name.repository, "tag": name.tag or ""}
        return {**fields, "untold": row is None or row.untold or _differs(row, fields)}

    key, unreachable = f"{name} {image_id}", verdict.state is State.UNREACHABLE
    return rewritten(TrustResult, make, version_id=by.version_id, name=str(name), image_id=image_id)


def _differs(row: TrustResult, fields: Mapping[str, object]) -> bool:
    """Whether something else is said now, or the same with another certainty."""
    stands = bool(row.obstacle) is bool(fields["obstacle"])
    return not stands or any(name in fields and getattr(row, name) != fields[name] for name in _SAID)


def _tried(row: TrustResult | None, verdict: Verdict, key: str, now: datetime) -> dict[str, object]:
    said = in_vain(row, verdict, key, now)
    # What a wrong clock dated becomes no verdict when that day comes; who was caught stays so, whatever the day.
    if row is None or row.state == State.UNREACHABLE or (row.state != State.INVALID and is_ahead(row.checked_at, now)):
        said |= {"state": State.UNREACHABLE.value, "sentence": said["obstacle"], "checked_at": now}
        said |= {"since": _since(row, State.UNREACHABLE, now)}
    return said


def _found(row: TrustResult | None, verdict: Verdict, kind: Kind, key: str, now: datetime) -> dict[str, object]:
    known = list(row.verified_before) if row else []
    if verdict.good:
        known = [*known, *(one for one in _digests(verdict) if one not in known)]
    return {
        "state": verdict.state.value,
        "reason": verdict.reason.value,
        "sentence": clean(verdict.sentence),
        "signer": clean(verdict.signer),
        "digest": verdict.digest,
        "valid_until": verdict.valid_until,
        "chain": [[clean(part) for part in (one.what, one.value, one.note)] for one in verdict.chain],
        "warnings": [clean(one) for one in verdict.warnings],
        "verified_before": known[-_MOST_BEFORE:],
        "since": _since(row, verdict.state, now),
        "checked_at": now,
        **done(now, due_after(verdict.state, kind, key=key, valid_until=verdict.valid_until, now=now)),
    }


def _since(row: TrustResult | None, state: State, now: datetime) -> datetime:
    """When it began to be in that state, as far as anybody looked; never later than now, whatever a clock wrote."""
    return min(row.began_at, now) if row is not None and row.state == state else now


def _digests(verdict: Verdict) -> list[str]:
    """What was signed, and what was found between that and what runs."""
    between = [one.value for one in verdict.chain if one.what in {"manifest", "index"}]
    return list(dict.fromkeys([verdict.digest, *between]))


def chain_of(row: TrustResult) -> tuple[Step, ...]:
    return tuple(Step(*one) for one in row.chain)
