"""Limits on open files and processes keep one program's mistake from becoming everybody's."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class NoUlimits(ContainerRule):
    """Nobody chose how many files and processes this container may open.

    What it looks at:
    HostConfig.Ulimits of the container. The engine merges its own default-ulimits into it when the container is
    created, so an empty list means that neither the container nor the engine sets any.

    Why it matters:
    Without limits of its own the container has those of the engine, which are as good as none: a leak of files or a
    loop of forks goes on until the host has nothing left for the neighbours. Some old programs go through every
    possible file number at start and take minutes, because the inherited number is a thousand million.

    How to fix:
    Set what the program needs with some reserve: --ulimit nofile=4096:8192. For every container of a host put
    "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 4096, "Hard": 8192}} into daemon.json. Limit processes with
    --pids-limit, which counts for the container alone, rather than with nproc, which counts a user on the whole host.

    What the fix may break:
    Databases, proxies and search engines keep thousands of files open and say "too many open files" under load: look
    up what the vendor asks for. Containers get new defaults only when they are recreated.

    References:
    - CIS Docker 1.6.0 5.19
    - CIS Docker 1.6.0 2.8
    - OWASP Docker Security Cheat Sheet, rule 7
    - Docker documentation, dockerd: default ulimits
    """

    title = "Container without ulimits"
    good = "The container or its engine sets ulimits."
    catalogue = "HRD-024"
    severity = Severity.LOW
    facts = ("HostConfig.Ulimits",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="docker run --ulimit nofile=4096:8192 …",
        compose="ulimits:\n  nofile: {soft: 4096, hard: 8192}",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        limits = known(subject.facts.ulimits, "HostConfig.Ulimits")
        evidence = {"HostConfig.Ulimits": list(limits)}
        return passed(evidence) if limits else failed(evidence, cis=("5.19",))
