"""The first process of a container has duties that most programs do not know of."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_KNOWN = frozenset(
    {
        "tini",
        "dumb-init",
        "docker-init",
        "catatonit",
        "init",
        "systemd",
        "s6-svscan",
        "runit",
        "runsvdir",
        "supervisord",
    }
)


class NoInitProcess(ContainerRule):
    """The program itself is the first process and has to reap its dead children and heed the signal to stop.

    What it looks at:
    HostConfig.Init and Path, the program that is started. Where Init is not set on the container, the engine's own
    default decides, which its interface does not show: then the finding is unknown unless Path is a known init.

    Why it matters:
    Children that ended stay as zombies until the limit of processes is reached, and a program without a handler for
    SIGTERM as first process ignores it: every stop waits ten seconds and ends in a kill.

    How to fix:
    Start the container with --init, or with tini as its entry point.

    What the fix may break:
    Programs that want to be process 1, such as s6 or systemd, refuse to start under another init.

    References:
    - https://docs.docker.com/reference/cli/docker/container/run/#init
    """

    title = "No init process"
    good = "An init process reaps children and passes signals on."
    catalogue = "RES-018"
    severity = Severity.LOW
    facts = ("HostConfig.Init", "Path")
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(docker="docker run --init …", compose="init: true")

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if facts.init:
            return passed()
        program = known(facts.command_program, "Path").rpartition("/")[2]
        if program in _KNOWN:
            return passed({"Path": program})
        if facts.init is False:
            return failed({"HostConfig.Init": False, "Path": program})
        return unknown("Init is not set, and the engine does not show its default.", {"Path": program})
