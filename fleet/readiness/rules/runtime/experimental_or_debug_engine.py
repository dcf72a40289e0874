"""Production is no place for features that may change tomorrow, or for logs that tell everything."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class ExperimentalOrDebugEngine(HostRule):
    """The engine runs with experimental features or in debug mode.

    What it looks at:
    ExperimentalBuild and Debug of /info. The level of the engine's log is not in its interface.

    Why it matters:
    Experimental features carry no promise and are tested less. In debug mode the engine logs requests in full and
    offers profiling addresses that tell its memory to whoever reaches its socket.

    How to fix:
    Take experimental and debug out of daemon.json; debug is dropped by a reload, the other by a restart.

    What the fix may break:
    Whatever used an experimental feature.

    References:
    - CIS Docker 1.6.0 2.18
    - OWASP Docker Security Cheat Sheet, rule 10
    """

    title = "Experimental or debugging engine"
    good = "The engine runs without experimental features and without debugging."
    catalogue = "RUN-013"
    severity = Severity.MEDIUM
    facts = ("ExperimentalBuild", "Debug")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="systemctl reload docker   # after editing daemon.json",
        compose='{ "experimental": false, "debug": false }',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        if subject.facts.kind == "podman":
            return not_applicable("Podman always says that it is experimental.")
        flags: dict[str, Json] = {
            "ExperimentalBuild": known(subject.facts.experimental, "ExperimentalBuild"),
            "Debug": known(subject.facts.debug, "Debug"),
        }
        if not any(flags.values()):
            return passed(flags)
        # The benchmark's item is about experimental features alone.
        return failed(flags, cis=None if flags["ExperimentalBuild"] else ())
