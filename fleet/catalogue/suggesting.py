"""Services that nothing but the name of an image or of a container names, and what each might belong to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db.models import OuterRef, Subquery

from fleet.inventory import ImageReference
from fleet.inventory.identity import COMPOSE_PROJECT
from fleet.inventory.mapping import repositories
from fleet.models import Container, Service

#: Rows that are kept; those with most containers come first.
MOST: Final = 500
_ENTRIES: Final = 5000  # entered services without a container that names are compared with
_SIBLINGS: Final = 2  # as many services that share a beginning belong together
#: `-1`, `_2`, `.1.x8f…` at the end of a container's name: which replica it is, and no part of what it is.
_REPLICA: Final = re.compile(r"(?:[-_.](?:\d+|[0-9a-f]{8,}))+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A service by the name that was guessed, with one of its containers to tell it by."""

    slug: str
    name: str
    source: str  # image or name
    team: str
    containers: int
    hosts: int
    container: str = ""
    image: str = ""
    project: str = ""  # of compose, which names a service only together with the compose service


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A mapping to begin with, as the fields of its form, and why."""

    why: str
    service: str
    project: str = ""
    image: str = ""
    container: str = ""

    @property
    def fields(self) -> dict[str, str]:
        told = asdict(self)
        return {name: told[name] for name in ("project", "image", "container", "service") if told[name]}


def suggest(rows: Sequence[Unmapped], entries: Iterable[str] = ()) -> list[Suggestion]:
    """One for each row, in their order. `entries` are services that people entered and no container has yet.

    The first that fits: the compose project; an entry whose name is the beginning of the image's or the container's; a
    repository's folder, then a container's first word, that several unmapped services share; else the name as it is.
    """
    wanted = {_plain(name): name for name in entries}
    folders = Counter(folder for row in rows if (folder := _folder(row.image)))
    words = Counter(word for row in rows if (word := _first_word(row.container)))
    return [_one(row, wanted, folders, words) for row in rows]


def _one(row: Unmapped, wanted: Mapping[str, str], folders: Counter[str], words: Counter[str]) -> Suggestion:
    if row.project:
        return Suggestion(
            why=f"Its containers belong to the compose project {row.project}.", service=row.project, project=row.project
        )
    for name in (row.name, row.container):
        if entry := _entered(name, wanted):
            return Suggestion(
                why=f"{entry} was entered in the catalogue and has no container yet.", service=entry, **_pattern(row)
            )
    folder = _folder(row.image)
    if folder and folders[folder] >= _SIBLINGS:
        return Suggestion(
            why=f"{folders[folder]} unmapped services come from images in {folder}.",
            service=folder.rpartition("/")[2],
            image=f"{folder}/*",
        )
    word = _first_word(row.container)
    if word and words[word] >= _SIBLINGS:
        return Suggestion(
            why=f"{words[word]} unmapped services have containers that begin with {word}-.",
            service=word,
            container=f"{word}-*",
        )
    return Suggestion(
        why="Nothing else is known of it: keep the name, or write a better one.", service=row.name, **_pattern(row)
    )


def _pattern(row: Unmapped) -> dict[str, str]:
    """What tells its containers from others: the repository, or the name without the number of the replica."""
    if known := repositories(row.image):
        return {"image": known[-1]}
    stem = _REPLICA.sub("", row.container)
    return {"container": f"{stem}*" if stem != row.container else row.container}


def _entered(name: str, wanted: Mapping[str, str]) -> str:
    """The entry with the longest name that this one is, or begins with."""
    parts = _plain(name).split("-")
    return next((wanted[key] for n in range(len(parts), 0, -1) if (key := "-".join(parts[:n])) in wanted), "")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _folder(image: str) -> str:
    """Registry and folder of a repository; empty for one right under its registry, and for Docker's own images."""
    reference = ImageReference.parse(image)
    if reference is None or "/" not in reference.repository or reference.repository.startswith("library/"):
        return ""
    return reference.full_repository.rpartition("/")[0]


def _first_word(container: str) -> str:
    """`billing` of `billing-api-1`; empty where nothing stands before a dash."""
    return re.split(r"[-_.]", _REPLICA.sub("", container), maxsplit=1)[0] if re.search(r"[-_.]", container) else ""


def unmapped() -> dict[str, Any]:
    """All of it, for the count that pages read: how many, and the first with their suggestions."""
    every = Service.objects.unmapped()
    sample = Container.objects.present().filter(service=OuterRef("pk")).order_by("pk").values("pk")[:1]
    about = every.order_by("-containers_total", "name").annotate(sample=Subquery(sample))
    columns = ("slug", "name", "source", "team", "containers_total", "hosts_total", "sample")
    found = list(about.values_list(*columns)[:MOST])
    told = _told([row[-1] for row in found])
    rows = [
        Unmapped(slug=slug, name=name, source=source, team=team, containers=number, hosts=hosts, **told.get(pk, {}))
        for slug, name, source, team, number, hosts, pk in found
    ]
    empty = Service.objects.filter(declared=True, containers_total=0).order_by("name")
    entries = list(empty.values_list("name", flat=True)[:_ENTRIES])
    kept = [
        {**asdict(row), "why": one.why, "fields": one.fields}
        for row, one in zip(rows, suggest(rows, entries), strict=True)
    ]
    numbers = every.order_by().values_list("containers_total", flat=True)
    return {"total": len(numbers), "containers": sum(numbers), "rows": kept}


def _told(samples: Sequence[int | None]) -> dict[int, dict[str, str]]:
    """Name, image and compose project of these containers."""
    rows = Container.objects.filter(pk__in=[pk for pk in samples if pk is not None]).order_by()
    return {
        pk: {"container": name, "image": image, "project": str((labels or {}).get(COMPOSE_PROJECT) or "")}
        for pk, name, image, labels in rows.values_list("pk", "name", "image_reference", "facts__labels")
    }
