"""More promised than there is: it holds until all ask at once."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_INSPECTED_SHARE = 0.9
_GIB = 1024**3


class MemoryOvercommitted(HostRule):
    """The containers on the host may take more memory than it has.

    What it looks at:
    The sum of HostConfig.Memory of the running containers against MemTotal of /info. One container without a limit
    makes the sum endless.

    Why it matters:
    When all reach their limits at once, after a restart say, the kernel picks somebody to kill, and it picks by size
    and not by who is to blame. Databases are large.

    How to fix:
    Limit every container, and place them so that the sum fits with room for the host itself.

    What the fix may break:
    Fewer containers fit on a host than it seemed.

    References:
    - https://docs.docker.com/engine/containers/resource_constraints/
    - Google SRE book, chapter 22: Addressing cascading failures
    """

    title = "More memory promised than the host has"
    good = "The limits of its containers fit into its memory."
    catalogue = "RES-009"
    severity = Severity.MEDIUM
    facts = ("HostConfig.Memory", "MemTotal")
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker update --memory 512m --memory-swap 512m …", compose="# per service: mem_limit: 512m")

    def judge(self, subject: HostSubject) -> Outcome:
        running = [one for one in subject.around.containers if one.running]
        if not running:
            return not_applicable("Nothing runs there.")
        told = [one for one in running if one.memory is not None]
        if len(told) < _INSPECTED_SHARE * len(running):
            return unknown(f"Only {len(told)} of {len(running)} running containers could be inspected.")
        total = known(subject.facts.memory, "MemTotal")
        unlimited = sorted(one.name for one in told if not one.memory)
        if unlimited:
            return failed({"HostConfig.Memory": {"unlimited": unlimited[:20]}}, f"{len(unlimited)} without a limit.")
        promised = sum(one.memory or 0 for one in told)
        evidence = {"HostConfig.Memory": f"{promised / _GIB:.1f} GiB", "MemTotal": f"{total / _GIB:.1f} GiB"}
        return failed(evidence) if promised > total else passed(evidence)
