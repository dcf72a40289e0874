"""What of images, networks and volumes may be new on an engine, and how little has to be asked to know it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from fleet.engines.reading import events
from fleet.engines.reading.asking import Entry, as_object
from fleet.engines.reading.fields import find
from fleet.engines.reading.first import Replies
from fleet.engines.reading.plan import Plan
from fleet.inventory.snapshot import THINGS
from fleet.transport import EngineClient, NotFound, TransportError

IMAGE_ID: Final = re.compile(r"^sha256:[0-9a-f]{64}$")
#: What may be put into a path: a name as engines write it, with a tag or a digest.
_NAME: Final = re.compile(r"^[a-z0-9][a-zA-Z0-9_.:/@-]{0,254}$")
#: With more images than this to be inspected, the list of all is cheaper.
_MOST: Final = 8
#: What an inspection has to tell of an image to stand for its entry in the list.
_AS_LISTED: Final = {"RepoTags": list, "RepoDigests": list, "Size": int}


def attached(keys: Iterable[str]) -> frozenset[int]:
    """Ids of networks and names of volumes, short enough to be kept with the host; see `Plan.attached`."""
    return frozenset(zlib.crc32(key.encode(errors="replace")) for key in keys)


def news_of(replies: Replies, plan: Plan) -> tuple[frozenset[str], frozenset[str]]:
    """The kinds of THINGS to be asked for, and instead of the list of images the names of those to be inspected.

    These are what an event tells of, and what nobody knows of that a container has that is new or another. Engines
    forget events, and one with a hundred probes does so within half a minute; what no container has is found when its
    turn comes, within minutes.
    """
    others = [one for one in replies.containers.keys() - replies.unchanged if _is_another(replies, plan, one)]
    happened = replies.events or events.NONE
    if others and (replies.events is None or (happened.cut and not plan.attached)):
        return THINGS, frozenset()
    told = events.about_things(happened)
    kinds, images = told - {"images"}, events.images(happened)
    by_list = "images" in told and not images
    for identity in others:
        detail = replies.container_details.get(identity, {})
        if plan.attached:
            kinds |= set() if attached(_networks(detail)) <= plan.attached else {"networks"}
            kinds |= set() if attached(_volumes(detail)) <= plan.attached else {"volumes"}
        image = image_of(replies, identity)
        if image not in plan.images:
            images.add(image)
        # One whose tag stands for another image now is listed by an id; no event need tell of that.
        by_list = by_list or bool(plan.known.get(identity) and _listed_by_id(replies, identity))
    if images and (not plan.images or replies.events is None or len(images) > _MOST):
        by_list = True  # podman tells no events, and in its inspections other things than in its list
    return (kinds | {"images"}, frozenset()) if by_list else (kinds, frozenset(images))


def inspect_some(client: EngineClient, replies: Replies, names: Collection[str]) -> bool:
    """Asks for these images by themselves. False where only the list tells."""
    try:
        # By their ids first: one that was pulled is told of by its name, too.
        for name in sorted(names, key=lambda one: (not IMAGE_ID.match(one), one)):
            if not any(name in names_of(detail) for detail in replies.image_details.values()):
                _inspect(client, replies, name)
    except (TransportError, _OnlyTheListTellsError):
        replies.image_details.clear()
        replies.images_gone.clear()
        return False
    return True


class _OnlyTheListTellsError(Exception):
    pass


def _inspect(client: EngineClient, replies: Replies, name: str) -> None:
    if not _NAME.match(name) or ".." in name:
        raise _OnlyTheListTellsError
    path = f"/images/{name}/json"
    try:
        detail = as_object(client.get(path), path)
    except NotFound:
        if not IMAGE_ID.match(name):
            raise _OnlyTheListTellsError from None
        replies.images_gone.add(name)
        return
    identity = detail.get("Id")
    if not isinstance(identity, str) or not all(isinstance(detail.get(key), kind) for key, kind in _AS_LISTED.items()):
        raise _OnlyTheListTellsError
    replies.image_details[identity] = detail


def _is_another(replies: Replies, plan: Plan, identity: str) -> bool:
    """Whether a container is new, or shown by the list otherwise than when it was inspected."""
    known = plan.known.get(identity)
    return known is None or (bool(known) and not replies.containers.looks_as(identity, known))


def _listed_by_id(replies: Replies, identity: str) -> bool:
    listed = replies.containers[identity].get("Image")
    return isinstance(listed, str) and listed.startswith("sha256:")


def _networks(detail: Entry) -> Iterator[str]:
    found = find(detail, "NetworkSettings", "Networks")
    for one in found.values() if isinstance(found, dict) else ():
        identity = find(one, "NetworkID")
        if isinstance(identity, str) and identity:
            yield identity


def _volumes(detail: Entry) -> Iterator[str]:
    found = detail.get("Mounts")
    for one in found if isinstance(found, list) else ():
        name = find(one, "Name")
        if isinstance(name, str) and name:
            yield name


def names_of(entry: Entry) -> set[str]:
    """What an event may call an image."""
    found = [entry.get("Id")]
    for name in ("RepoTags", "RepoDigests"):
        listed = entry.get(name)
        found += listed if isinstance(listed, list) else []
    return {one for one in found if isinstance(one, str)}


def image_of(replies: Replies, identity: str) -> str:
    found = find(replies.container_details.get(identity), "Image") or replies.containers.image_of(identity)
    return found if isinstance(found, str) else ""
