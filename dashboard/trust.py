"""What the images in use prove, as the page of the pillar Trust shows it: shares, publishers, endings, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from dashboard.charts.bar import Segment
from dashboard.counted import FleetCounts
from dashboard.lists import NO_TEAM, address
from dashboard.schedule import JOBS
from dashboard.templatetags.pieces import digest
from dashboard.trust_words import GROUPS, KINDS, STATES
from dashboard.words import counted
from fleet.inventory import ImageReference
from fleet.models import Container, ImageRegistry, TrustRootVersion
from fleet.percent import percent
from fleet.proving import NOT_LOOKED_AT, Survey
from fleet.proving.due import LONGEST
from fleet.proving.surveying import Ends, Tally, name_of
from fleet.trust.names import is_digest
from fleet.trust.roots import Kind
from fleet.trust.states import State
from fleet.trust.terms import read

#: The value of a registry filter that asks for images whose name says none.
NO_REGISTRY: Final = "-"
#: Rows shown at first of teams, registries and publishers; the others are folded away.
FEW: Final = 12
_SCOPES: Final = 3
#: What ends within so long is near. Verdicts are renewed by themselves, certificates are not.
_NEAR: Final = {"verdict": timedelta(days=1), "certificate": timedelta(days=45), "connection": timedelta(days=45)}
_VERIFIED: Final = State.VERIFIED.value
_NO_ROOT: Final = State.NO_POLICY.value


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One state and what of the fleet is in it; `width` is in percent of the longest bar."""

    state: str
    means: str
    images: int
    containers: int
    url: str
    tone: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """A team or a registry. `unregistered` says that roots speak for images of a registry that nobody registered."""

    name: str
    share: int
    verified: int
    verified_url: str
    images: int
    url: str
    containers: int
    verified_containers: int
    segments: Sequence[Segment]
    unregistered: bool = False


@dataclass(frozen=True, slots=True)
class Shares:
    """Rows of which the first are shown and the rest is folded away."""

    rows: Sequence[ShareRow]

    @property
    def first(self) -> Sequence[ShareRow]:
        return self.rows[:FEW]

    @property
    def rest(self) -> Sequence[ShareRow]:
        return self.rows[FEW:]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherRow:
    name: str
    enabled: bool
    kind: str
    version: int
    author: str
    made_at: datetime
    scopes: Sequence[str]
    more_scopes: int
    keys: str
    verified: int
    verified_url: str
    speaks_for: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRow:
    tone: str
    word: str
    what: str
    note: str
    at: datetime
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`images` of `all_of` for which a root speaks; `minutes` and `seconds` are how often and how long the job runs."""

    all_of: int
    images: int
    url: str
    due: int
    next_due: datetime | None
    asked_at: datetime | None
    minutes: int
    seconds: int
    segments: Sequence[Segment]


def image_url(name: str, image_id: str) -> str:
    """Its page; empty where the engine has not told which image it is."""
    return f"{reverse('trust-image', args=[image_id])}?{urlencode({'name': name})}" if image_id else ""


def called(reference: str) -> str:
    """The whole name, as lists of images have it: a container is told of in whatever way somebody wrote it."""
    return str(name_of(reference) or reference)


def short_digest(name: str) -> str:
    """`registry.internal/web:1.4@sha256:3924b807…7139`: the whole of a digest is for machines."""
    before, pinned, value = name.partition("@")
    return f"{before}@{digest(value)}" if pinned else digest(name) if is_digest(name) else name


def images_of(containers: Iterable[Container]) -> list[tuple[str, str]]:
    """The images that these run, by their short names, each with where it is told whose it is."""
    references = dict.fromkeys(one.image_reference for one in containers)
    return [(short_image(one), images_url(q=called(one))) for one in references if one]


def short_image(reference: str) -> str:
    """Repository and tag; the beginning of an ID."""
    parsed = ImageReference.parse(reference)
    if parsed is None:
        return reference[:19]
    name = parsed.repository.removeprefix("library/")
    return f"{name}:{parsed.tag}" if parsed.tag else name


def images_url(**filters: str) -> str:
    return address("trust-images", **filters)


def trust_section(counts: FleetCounts) -> dict[str, Any]:
    """What the page of the pillar shows beside what all pillars do. Two queries besides the counts."""
    found = counts.trust
    registered = set(ImageRegistry.objects.values_list("host", flat=True))
    publishers = _publishers(found)
    registries = _shares(found.registries, "registry", NO_REGISTRY, registered=registered)
    verified = found.states.get(_VERIFIED, [0, 0])
    spoken_for = found.images - found.states.get(_NO_ROOT, [0, 0])[0]
    return {
        "images": found.images,
        "containers": counted(found.containers, "container"),
        "share": f"{percent(verified[0], found.images)}%",
        "share_url": images_url(state=_VERIFIED),
        "verified": verified[0],
        "verified_containers": verified[1],
        "spoken_for": spoken_for,
        "segments": segments_of(found.states),
        "rows": _state_rows(found.states),
        "teams": Shares(_shares(found.teams, "team", NO_TEAM)),
        "registries": Shares(registries),
        "unregistered": [row.name for row in registries if row.unregistered],
        "publishers": publishers,
        "no_root": not any(row.enabled for row in publishers),
        "no_registry": not registered,
        "ends": [_end_row(one, counts.now) for one in found.ends],
        "waiting": _waiting(found, spoken_for),
        "commands": commands(f"{_example(found)}/*"),
        "example": _example(found),
        "images_url": images_url(),
    }


def segments_of(states: Tally, **filters: str) -> list[Segment]:
    """Images by what can be said of them, in five parts that add up."""
    return [
        Segment(
            tone=group.tone,
            label=group.word,
            count=sum(number for state, (number, _) in states.items() if STATES[state].group == key),
            url=images_url(**filters, group=key),
        )
        for key, group in GROUPS.items()
    ]


def _state_rows(states: Tally) -> list[StateRow]:
    most = max((images for images, _ in states.values()), default=0) or 1
    return [
        StateRow(
            state=state,
            means=told.means,
            images=states.get(state, [0, 0])[0],
            containers=states.get(state, [0, 0])[1],
            url=images_url(state=state),
            tone=GROUPS[told.group].tone,
            width=f"{100 * states.get(state, [0, 0])[0] / most:.1f}%",
        )
        for state, told in STATES.items()
    ]


def _shares(
    tallies: Mapping[str, Tally], filtered_by: str, nobody: str, *, registered: set[str] | None = None
) -> list[ShareRow]:
    """Those with most that is not verified first."""
    rows = []
    for name, states in tallies.items():
        images, containers = (sum(both[place] for both in states.values()) for place in (0, 1))
        verified = states.get(_VERIFIED, [0, 0])
        filters = {filtered_by: name or nobody}
        asked_about = images - states.get(_NO_ROOT, [0, 0])[0]
        rows.append(
            ShareRow(
                name=name,
                share=percent(verified[0], images) or 0,
                verified=verified[0],
                verified_url=images_url(**filters, state=_VERIFIED),
                images=images,
                url=images_url(**filters),
                containers=containers,
                verified_containers=verified[1],
                segments=segments_of(states, **filters),
                unregistered=bool(registered is not None and name and asked_about and name not in registered),
            )
        )
    return sorted(rows, key=lambda row: (row.verified - row.images, row.name))


def _publishers(found: Survey) -> list[PublisherRow]:
    """Of each root its last version, by name; those that are disabled at the end."""
    last: dict[int, TrustRootVersion] = {}
    for one in TrustRootVersion.objects.select_related("root").order_by("root__name", "-number"):
        last.setdefault(one.root_id, one)
    rows = []
    for one in last.values():
        terms, tally = read(one.document), found.roots.get(one.root.name, {})
        keys = counted(terms.material.count("-----BEGIN "), "certificate" if terms.kind == "notation" else "key")
        if terms.kind is Kind.COSIGN_KEYLESS:
            keys = counted(len(terms.identities), "signer")
        rows.append(
            PublisherRow(
                name=one.root.name,
                enabled=one.root.enabled,
                kind=KINDS[terms.kind],
                version=one.number,
                author=one.author_name,
                made_at=one.made_at,
                scopes=terms.scopes[:_SCOPES],
                more_scopes=max(0, len(terms.scopes) - _SCOPES),
                keys=f"{terms.threshold} of {keys}" if terms.threshold > 1 else keys,
                verified=tally.get(_VERIFIED, [0, 0])[0],
                verified_url=images_url(root=one.root.name, state=_VERIFIED),
                speaks_for=sum(images for images, _ in tally.values()),
                url=images_url(root=one.root.name),
            )
        )
    return sorted(rows, key=lambda row: not row.enabled)


def _end_row(one: Ends, now: datetime) -> EndRow:
    if one.at <= now:
        tone, word = "not-ready", "Ended"
    elif one.at - now <= _NEAR[one.kind]:
        tone, word = "at-risk", "Ends soon"
    else:
        tone, word = "not-applicable", "Good"
    url = images_url(root=one.root, q=one.what) if one.kind == "verdict" else ""
    notes = {
        "verdict": f"{counted(one.images, 'verified image')} by {one.root}; renewed while its publisher signs anew",
        "certificate": f"what signatures for {one.root} must lead to; then none of them is verified",
        "connection": "what its connection is held against; then it cannot be asked",
    }
    return EndRow(tone=tone, word=word, what=one.what, note=notes[one.kind], at=one.at, url=url)


def _waiting(found: Survey, spoken_for: int) -> Waiting:
    job = next(job for job in JOBS if job.task == "fleet.tasks.prove")
    images = found.states.get(NOT_LOOKED_AT, [0, 0])[0]
    return Waiting(
        all_of=spoken_for,
        images=images,
        url=images_url(state=NOT_LOOKED_AT),
        due=found.due,
        next_due=found.next_due,
        asked_at=found.asked_at,
        minutes=round(job.every / 60),
        seconds=round(LONGEST.total_seconds()),
        segments=[
            Segment(tone="stage-production", label="Looked at", count=spoken_for - images),
            Segment(tone="unknown", label=STATES[NOT_LOOKED_AT].word, count=images),
        ],
    )


def _example(found: Survey) -> str:
    """The registry that a first publisher is likely to be registered for: that of most images, but Docker Hub."""
    names = [name for name in found.registries if name not in {"", "docker.io"}]
    return next(iter(names), "registry.internal")


def commands(scope: str) -> str:
    """What to type so that a publisher speaks for the scope."""
    return (
        f"./loadline trust registry add {scope.partition('/')[0]}\n"
        f"./loadline trust root add NAME --kind cosign --scope '{scope}' --keys publisher.pub"
    )
