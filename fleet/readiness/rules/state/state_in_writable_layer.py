"""Data in a container's writable layer is deleted with the container, and every update deletes the container."""

from __future__ import annotations

from fleet.inventory.places import LAYER, place_of
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.keeping import Datastore


class StateInWritableLayer(ContainerRule):
    """A datastore writes its data into the container itself, where docker rm and every update delete them.

    What it looks at:
    Mounts and HostConfig.Tmpfs, against the data directory: the label loadline.data-directory of the container, else
    the volumes that the image declares (Config.Volumes), else the usual directory of a known image, found by the last
    part of its name (postgres, mysql, mongo, …). A container that shows no sign of keeping data is left out, and so is
    one labelled loadline.role=cache, ephemeral or test. An image of unknown name that exposes a datastore's port and
    declares no volume is unknown, because nobody can tell where its data lie.

    Why it matters:
    The writable layer lives exactly as long as the container. docker compose up after a change of image, swarm's
    rollouts and docker rm make a new container with an empty directory: the database starts as if for the first time.
    Backups that copy volumes never see the data, and the layer is slower than a volume for small writes.

    How to fix:
    Put a named volume on the data directory. First carry over what is there: stop the container, docker cp its data
    directory out, start the new container with the volume, and restore, or better, dump and load with the database's
    own tools.
    Where the data may be lost, say so with the label loadline.role=cache.

    What the fix may break:
    An empty named volume is filled from the image the first time, a bind mount is not, so the database may initialise
    itself anew if the data were not carried over. Files must belong to the user that the program runs as.

    References:
    - https://docs.docker.com/engine/storage/volumes/
    - NIST SP 800-190 2.3
    - Kubernetes documentation, StatefulSets
    """

    title = "State kept in the writable layer"
    good = "Every data directory of the datastore lies on a mount."
    catalogue = "STO-001"
    severity = Severity.CRITICAL
    facts = ("Mounts", "HostConfig.Tmpfs", "Config.Volumes", "Config.Image", "Config.ExposedPorts")
    core_gate = True
    remedy = Remedy(
        docker="docker volume create pgdata\ndocker run -v pgdata:/var/lib/postgresql/data …",
        compose="volumes: [pgdata:/var/lib/postgresql/data]   # top-level: volumes: {pgdata: {}}",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if subject.roles & {"cache", "ephemeral", "test"}:
            return not_applicable("What it keeps may be lost: its label loadline.role says so.")
        store = subject.datastore
        if store is None:
            known(facts.exposed_ports, "Config.ExposedPorts")  # without them a renamed datastore goes unnoticed
            return not_applicable("Nothing suggests that the container keeps data.")
        if not store.directories:
            return unknown(
                f"It exposes a port of {store.name}, but where it keeps data is not known; "
                "name the directory in the label loadline.data-directory.",
                {"Config.ExposedPorts": list(facts.exposed_ports or ())},
            )
        places = {path: known(place_of(facts, path), "Mounts") for path in store.directories}
        lost = [path for path, place in places.items() if place.kind == LAYER]
        evidence = _evidence(subject, store)
        if not lost:
            return passed(evidence)
        if store.movable and (facts.mounts or facts.tmpfs):
            return unknown(
                f"{store.name} may keep its data elsewhere than in {', '.join(lost)}; "
                "name the directory in the label loadline.data-directory.",
                evidence,
            )
        return failed(evidence, f"{store.name} keeps data in {', '.join(lost)}, which no mount covers.")


def _evidence(subject: ContainerSubject, store: Datastore) -> dict[str, Json]:
    facts = subject.facts
    evidence: dict[str, Json] = {
        "Config.Image": facts.image_reference,
        "Mounts[].Destination": [mount.destination for mount in facts.mounts or ()],
    }
    if facts.tmpfs:
        evidence["HostConfig.Tmpfs"] = list(facts.tmpfs)
    if store.told_by == "image":
        evidence["Config.Volumes"] = list(store.directories)
    return evidence
