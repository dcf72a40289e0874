"""What was changed by hand is gone with the next deployment, and nobody knows what it was."""

from __future__ import annotations

from fleet.inventory.hand_changes import KEPT
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_WORDS = {"exec": "exec_create", "copy": "extract-to-dir", "commit": "commit", "update": "update"}


class HandChanges(ContainerRule):
    """Somebody worked in the running container by hand within the last day.

    What it looks at:
    Events of the engine: exec_create other than the container's own health command, extract-to-dir, which is docker cp,
    commit and update. The commands themselves are not kept, and events tell neither the user of an exec nor whether it
    was privileged. An engine remembers its last 256 events only; when some may have been missed, nothing is taken for a
    clean day.

    Why it matters:
    A production container that is mended by hand differs from its image. The next deployment undoes the repair, at a
    time nobody chose, and a stranger's shell looks just the same.

    How to fix:
    Bring the change into the image or the configuration and deploy it. Look with docker logs and metrics instead of a
    shell.

    What the fix may break:
    Habits. Keep a way in for emergencies, and let it be seen.

    References:
    - Goes further than CIS Docker 5.23
    - Goes further than CIS Docker 5.24
    """

    title = "Changes by hand in production"
    good = "Nobody worked in it by hand within the last day."
    catalogue = "HRD-026"
    severity = Severity.LOW
    facts = ("/events",)
    stages = PRODUCTION_ONLY
    bound_to = ("kinds",)
    remedy = Remedy(
        docker="docker logs NAME   # instead of docker exec", compose="# deploy the change instead of making it by hand"
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if {"agent", "tool", "build"} & subject.roles:
            return not_applicable("Its role is to be worked with by hand.")
        told = known(subject.facts.hand_changes, "/events")
        # A host that was silent for long tells of more than the last day.
        changes = [one for one in told if subject.around.now - one.at <= KEPT] if told else ()
        if changes:
            kinds = {_WORDS.get(one.kind, one.kind) for one in changes}
            last = max(one.at for one in changes)
            return failed({"kinds": sorted(kinds), "last": last.isoformat(timespec="minutes")})
        if not subject.around.host.events_whole:
            return unknown("An engine keeps its last 256 events only, and some of the last day may have been missed.")
        return passed()
