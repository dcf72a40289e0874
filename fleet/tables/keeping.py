"""Whether a container keeps data, and in which directories: the reading that the rules about state share."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.inventory.container import ContainerFacts
from fleet.inventory.image import ImageFacts
from fleet.inventory.places import within
from fleet.inventory.reference import ImageReference
from fleet.tables.book import Tables
from fleet.tables.shapes import Datastores, StatefulImage

#: Where the owner of an unusual image says what it keeps: absolute paths, comma separated.
DATA_LABEL = "loadline.data-directory"


@dataclass(frozen=True, slots=True)
class Datastore:
    """`directories` are empty when only a port suggests a datastore: nobody knows where its data lie.

    `told_by` is label, image (its declared volumes), table (of known images) or port. `movable`: the directory is
    the usual one, but this program may have been told another.
    """

    name: str
    directories: tuple[str, ...]
    told_by: str
    movable: bool = False


def datastore_of(
    container: ContainerFacts, image: ImageFacts | None, table: Datastores | None = None
) -> Datastore | None:
    """None for a container without a sign that it keeps data. First match: label, known image, exposed port."""
    table = table or Tables.shipped().datastores
    labelled = container.label(DATA_LABEL)
    reference = image_name_of(container, image)
    name = reference.basename if reference else container.name
    if labelled:
        return Datastore(name, tuple(part.strip() for part in labelled.split(",") if part.strip()), "label")
    from_image = image.declared_volumes if image else None
    # The container's own list also has what `-v /path` added, so it is the second choice.
    declared = from_image if from_image is not None else container.declared_volumes or ()
    known = table.known(reference) if reference else None
    if known:
        return _known(known, declared, sure=from_image is not None)
    if name in table.stateless:
        return None
    port = _stateful_port(container, table)
    return Datastore(table.ports[port], declared, "image" if declared else "port") if port else None


def _known(known: StatefulImage, declared: tuple[str, ...], *, sure: bool) -> Datastore:
    """`sure` says that the declared volumes are the image's own."""
    related = tuple(one for one in declared if any(_related(one, usual) for usual in known.directories))
    if related:
        return Datastore(known.family, related, "image")
    if declared and sure:
        # An image with volumes in quite other places was built to keep its data there.
        return Datastore(known.family, declared, "image")
    return Datastore(known.family, known.directories, "table", movable=known.movable or bool(declared))


def image_name_of(container: ContainerFacts, image: ImageFacts | None) -> ImageReference | None:
    """The name the container was started with or, when that was only an image ID, a name the image has on the host."""
    texts = [container.image_reference, *((image.tags or ()) + (image.digests or ()) if image else ())]
    return next((name for text in texts if (name := ImageReference.parse(text))), None)


def _stateful_port(container: ContainerFacts, table: Datastores) -> int | None:
    for text in container.exposed_ports or ():
        number, _, protocol = text.partition("/")
        if protocol in {"", "tcp"} and number.isdigit() and int(number) in table.ports:
            return int(number)
    return None


def _related(one: str, other: str) -> bool:
    return within(one, other) or within(other, one)
