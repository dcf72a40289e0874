"""Trust: what the images in use prove, the images by that, and one with its chain."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any, Final, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from dashboard.api.errors import ApiError
from dashboard.api.judged import whole_second
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, refuse_unknown
from dashboard.counted import counts_of
from dashboard.trust_chain import Link, chain
from dashboard.trust_lists import Wanted
from dashboard.trust_words import STATES, proven
from fleet.models import ImageRegistry, TrustResult
from fleet.proving import Listed, known
from fleet.proving.image import running
from fleet.proving.surveying import Tally
from fleet.trust.names import is_digest
from fleet.trust.states import State

router = Router(tags=["trust"])
TrustState = Literal[
    "verified", "superseded", "other-tag", "mismatch", "unsigned", "invalid", "expired", "unknown-publisher",
    "unsupported", "local", "no-policy", "unreachable", "not-looked-at",
]  # fmt: skip
Group = Literal["verified", "disproved", "not-proven", "untold", "no-root"]
#: Containers of one image that are named.
_MOST: Final = 100


class CountOut(Out):
    """`verified` of `images` and of their `containers`; `states` add up to both."""

    images: int
    containers: int
    verified_images: int
    verified_containers: int
    states: dict[str, tuple[int, int]] = Field(description="By state, images and containers.")


class OfOut(CountOut):
    name: str = Field(description="Empty for no team, or for no registry in the name.")


class RegistryOut(OfOut):
    registered: bool = Field(description="Whether it is asked at all.")


class EndOut(Out):
    kind: Literal["verdict", "certificate", "connection"]
    what: str
    root: str
    at: datetime
    images: int = Field(description="Verified images that it is about, for verdicts.")


class TrustOut(CountOut):
    at: datetime = Field(description="When this was counted.")
    teams: list[OfOut] = Field(description="An image counts in each team that runs it.")
    registries: list[RegistryOut]
    roots: list[OfOut] = Field(description="By the trust root whose result it is.")
    ends: list[EndOut] = Field(description="What ends next, soonest first.")
    due: int = Field(description="Images that ought to be looked at now, those nobody looked at yet among them.")
    asked_at: datetime | None = Field(description="When anything was last tried.")


class ImageFilters(Schema):
    state: TrustState | None = None
    group: Group | None = Field(None, description="States that say alike much.")
    team: str | None = Field(None, description="That runs it; `-` for no team.")
    registry: str | None = Field(None, description="As its name has it; `-` for none.")
    root: str | None = Field(None, description="Trust root whose result it is.")
    q: str | None = Field(None, description="Part of the name, or the beginning of the image's ID.")


class NameQuery(Schema):
    name: str = Field(description="By which it runs, whichever way that is written.")


class TrustedOut(Out):
    name: str = Field(description="The whole name, or what containers call it where no registry could hold that.")
    image_id: str
    registry: str
    state: TrustState
    root: str
    containers: int
    teams: dict[str, int] = Field(description="Containers by team.")
    checked_at: datetime | None = Field(description="When that was found out.")
    due_at: datetime | None = Field(description="When it is looked at again.")
    valid_until: datetime | None


class LinkOut(Out):
    what: str = Field(description="containers, image, manifest, index, signature, key, root, person")
    state: Literal["holds", "broke", "open", "missing"]
    value: str
    note: str


class ResultOut(Out):
    root: str
    version: int
    in_force: bool = Field(description="Whether it counts; results of older versions of a root do not.")
    state: TrustState = Field(description="As it was found out at `checked_at`.")
    reason: str
    sentence: str
    signer: str
    digest: str
    since: datetime = Field(description="When it was first found out to be in that state, without another between.")
    checked_at: datetime
    asked_at: datetime
    due_at: datetime
    obstacle: str = Field(description="Why the last try came to nothing; empty when it came to something.")
    failures: int
    valid_until: datetime | None
    warnings: list[str]


class TagOut(Out):
    same: bool = Field(description="Whether it means this very image.")
    digest: str = Field(description="What the registry says that the tag means; empty for no such tag.")
    checked_at: datetime | None


class RunsOut(Out):
    id: str
    name: str
    host: str
    service: str | None


class TrustedImageOut(Out):
    name: str
    image_id: str
    state: TrustState
    verified: bool
    fresh: bool = Field(description="False where it is only said because nobody could look again.")
    sentence: str
    proven: list[str]
    not_proven: list[str]
    root: str
    chain: list[LinkOut] = Field(description="From what runs up to whoever registered the key.")
    tag: TagOut | None = Field(
        description="What its tag means in the registry, which tells whether a verified image was left behind; null "
        "where it has none that moves, no root has looked, or nobody could be asked yet."
    )
    results: list[ResultOut]
    containers: list[RunsOut] = Field(description="The first hundred.")
    more_containers: bool


@router.get("", response=TrustOut, summary="What the images in use prove")
def get_trust(request: HttpRequest) -> TrustOut:
    counts = counts_of(request).ask("trust")
    found = counts.trust
    registered = set(ImageRegistry.objects.values_list("host", flat=True))
    return TrustOut(
        at=counts.at.replace(microsecond=0),
        **_count(found.states),
        teams=[OfOut(name=name, **_count(states)) for name, states in found.teams.items()],
        registries=[
            RegistryOut(name=name, registered=name in registered, **_count(states))
            for name, states in found.registries.items()
        ],
        roots=[OfOut(name=name, **_count(states)) for name, states in found.roots.items()],
        ends=[
            EndOut(kind=one.kind, what=one.what, root=one.root, at=one.at, images=one.images)  # type: ignore[arg-type]
            for one in found.ends
        ],
        due=found.due,
        asked_at=whole_second(found.asked_at),
    )


def _count(states: Tally) -> dict[str, Any]:
    verified = states.get(State.VERIFIED.value, [0, 0])
    return {
        "images": sum(images for images, _ in states.values()),
        "containers": sum(containers for _, containers in states.values()),
        "verified_images": verified[0],
        "verified_containers": verified[1],
        "states": {state: tuple(states[state]) for state in STATES if state in states},
    }


@router.get("/images", response=Page[TrustedOut], summary="List images in use by what they prove")
def list_trusted_images(request: HttpRequest, filters: Query[ImageFilters], paging: Query[Paging]) -> Page[TrustedOut]:
    """By name. The 20,000 that there is most to do about, in a fleet of more."""
    refuse_unknown(request, {*ImageFilters.model_fields, *Paging.model_fields})
    wanted = Wanted(**{name: value or "" for name, value in filters.dict().items()})
    rows = sorted(wanted.among(counts_of(request).trust_images), key=_place)
    if paging.cursor:
        after = _decode(paging.cursor)
        rows = [one for one in rows if _place(one) > after]
    shown, more = rows[: paging.limit], len(rows) > paging.limit
    return Page(items=[_listed(one) for one in shown], next_cursor=_encode(_place(shown[-1])) if more else None)


def _place(one: Listed) -> tuple[str, str]:
    return one.name, one.image_id


def _encode(place: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[str, str]:
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        told = None
    match told:
        case [str(name), str(image_id)]:
            return name, image_id
    raise ApiError(422, "invalid", "cursor: not a cursor that this API gave out", field="cursor")


def _listed(one: Listed) -> TrustedOut:
    return TrustedOut(
        name=one.name,
        image_id=one.image_id,
        registry=one.registry,
        state=one.state,  # type: ignore[arg-type]
        root=one.root,
        containers=one.containers,
        teams=dict(one.teams),
        checked_at=whole_second(one.checked_at),
        due_at=whole_second(one.due_at),
        valid_until=whole_second(one.valid_until),
    )


@router.get("/images/{image_id}", response=TrustedImageOut, summary="One image under one name, with its chain")
def get_trusted_image(
    request: HttpRequest,
    image_id: str,
    query: Query[NameQuery],
) -> TrustedImageOut:
    refuse_unknown(request, {"name"})
    now, name = timezone.now(), query.name
    if not is_digest(image_id):
        raise Http404
    found = known(name, image_id, now)
    rows = running(name, image_id).select_related("host", "service").order_by("pk")
    shown = list(rows.only("engine_id", "name", "host__name", "service__name")[: _MOST + 1])
    if not shown and not found.said and not found.before:
        raise Http404
    by = next((one for one in found.speaking if one.root.name == found.shown.root), None)
    is_so, is_not = proven(
        found.state, by.root.kind if by else None, found.shown.root, (found.name.tag if found.name else "") or ""
    )
    in_force = [one.result for one in found.said if one.result]
    number = f"{len(shown)}" if len(shown) <= _MOST else f"more than {_MOST}"
    return TrustedImageOut(
        name=found.called,
        image_id=image_id,
        state=found.state,  # type: ignore[arg-type]
        verified=found.state == State.VERIFIED,
        fresh=found.shown.fresh,
        sentence=found.shown.sentence,
        proven=is_so,
        not_proven=is_not,
        root=found.shown.root,
        chain=[_link(one) for one in chain(found, number)],
        tag=TagOut(same=found.tag.same, digest=found.tag.digest, checked_at=whole_second(found.tag.checked_at))
        if found.tag
        else None,
        results=[_result(one, in_force=True) for one in in_force]
        + [_result(one, in_force=False) for one in found.before],
        containers=[
            RunsOut(
                id=one.engine_id, name=one.name, host=one.host.name, service=one.service.name if one.service else None
            )
            for one in shown[:_MOST]
        ],
        more_containers=len(shown) > _MOST,
    )


def _link(one: Link) -> LinkOut:
    return LinkOut(what=one.what, state=one.state, value=one.value, note=one.note)  # type: ignore[arg-type]


def _result(row: TrustResult, *, in_force: bool) -> ResultOut:
    return ResultOut(
        root=row.version.root.name,
        version=row.version.number,
        in_force=in_force,
        state=row.state,  # type: ignore[arg-type]
        reason=row.reason,
        sentence=row.sentence,
        signer=row.signer,
        digest=row.digest,
        since=row.began_at.replace(microsecond=0),
        checked_at=row.checked_at.replace(microsecond=0),
        asked_at=row.asked_at.replace(microsecond=0),
        due_at=row.due_at.replace(microsecond=0),
        obstacle=row.obstacle,
        failures=row.failures,
        valid_until=whole_second(row.valid_until),
        warnings=row.warnings,
    )
