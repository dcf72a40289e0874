"""The log that is on the dead host is the one that would have told why it died."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

ATTESTED = "loadline.logs=collected"
_LOCAL = frozenset({"json-file", "local"})


class LogsStayOnHost(HostRule):
    """The engine writes logs to the host's own disk, and nobody says that they are collected.

    What it looks at:
    LoggingDriver of /info. An agent that reads the files is invisible to the engine, so whoever runs one says so by the
    daemon label loadline.logs=collected, in Labels. The driver none keeps nothing at all.

    Why it matters:
    After a break-in or a crash the log is the only witness, and it lies where the intruder was or where the disk is
    broken. Without a copy elsewhere there is nothing to look at.

    How to fix:
    Run a collector on each host and label the daemon, or use a driver that sends logs away.

    What the fix may break:
    Some drivers stop docker logs from working, or block the program when the receiver is slow: use mode=non-blocking.

    References:
    - CIS Docker 1.6.0 2.13
    """

    title = "Logs that stay on the host"
    good = "Logs leave the host."
    catalogue = "RES-012"
    severity = Severity.MEDIUM
    facts = ("LoggingDriver", "Labels")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="dockerd --label loadline.logs=collected   # once an agent collects them",
        compose='{ "log-driver": "fluentd", "labels": ["loadline.logs=collected"] }',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        driver = known(subject.facts.logging_driver, "LoggingDriver")
        evidence = {"LoggingDriver": driver}
        if not driver:
            return unknown("The engine does not tell where its logs go.")
        if driver == "none":
            return failed(evidence, "Nothing is logged at all.", severity=Severity.HIGH)
        if driver not in _LOCAL:
            return passed(evidence)
        if ATTESTED in (subject.facts.labels or ()):
            return passed({**evidence, "Labels": [ATTESTED]}, "Claimed by whoever runs the host.")
        return failed(evidence)
