"""Upgrading the engine need not stop what runs on it."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class LiveRestoreOff(HostRule):
    """All containers of the host stop whenever its engine is restarted.

    What it looks at:
    LiveRestoreEnabled of /info. A swarm does not allow it, and podman has no engine that could stop.

    Why it matters:
    A security update of the engine takes every service on the host down for its restart, so it is put off, and the
    hole stays open. A crash of the engine does the same at a time nobody chose.

    How to fix:
    Set live-restore to true in daemon.json and reload the engine; it takes no restart.

    What the fix may break:
    Log output may stop flowing while the engine is away, and some upgrades across versions still need the restart.

    References:
    - CIS Docker 1.6.0 2.15
    - https://docs.docker.com/engine/daemon/live-restore/
    """

    title = "Live restore switched off"
    good = "Containers go on running while the engine is restarted."
    catalogue = "RES-020"
    severity = Severity.MEDIUM
    facts = ("LiveRestoreEnabled",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(docker="systemctl reload docker   # after editing daemon.json", compose='{ "live-restore": true }')

    def judge(self, subject: HostSubject) -> Outcome:
        if subject.facts.kind == "podman":
            return not_applicable("Podman has no engine that its containers depend on.")
        if subject.facts.swarm is not None and subject.facts.swarm.state == "active":
            return not_applicable("A swarm does not allow it.")
        enabled = known(subject.facts.live_restore, "LiveRestoreEnabled")
        return passed({"LiveRestoreEnabled": True}) if enabled else failed({"LiveRestoreEnabled": False})
