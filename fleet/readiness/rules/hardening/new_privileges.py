"""One flag keeps a set-user-id program from turning an ordinary user in the container into root."""

from __future__ import annotations

from fleet.inventory import HostFacts
from fleet.inventory.versions import Version
from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_OPTION = "no-new-privileges"
_TRUE = {"", "1", "t", "true"}  # as the engine reads it, in any case
_SHOWN_SINCE = (24,)  # the first engine whose info names its own default
_CLAIM = f"loadline.{_OPTION}=on"


class NewPrivileges(ContainerRule):
    """Processes of the container may become more than the user they were started as.

    What it looks at:
    HostConfig.SecurityOpt for no-new-privileges, no-new-privileges:true or no-new-privileges=true, and the engine's own
    SecurityOptions, which name no-new-privileges where it is the default of all containers. A container that says
    no-new-privileges=false fails whatever the default.
    Docker before 24 and Podman do not tell their default: there only the container's own option counts, or the engine's
    label loadline.no-new-privileges=on, by which whoever runs the host answers for it.

    Why it matters:
    A container that runs as an ordinary user is only as safe as every set-user-id program in its image: su, mount,
    passwd and whatever a package brought along. One flaw in one of them and the attacker is root in the container.
    With this flag the kernel ignores the bit, and there is nothing to exploit.

    How to fix:
    Add --security-opt no-new-privileges:true. For all containers of a host, set "no-new-privileges": true in
    daemon.json and restart the engine. Containers get it when they are created: recreate them.

    What the fix may break:
    Programs that gain rights on purpose while they run: sudo and su in entry points, ping with a set-user-id bit, mail
    servers with set-user-id helpers. Start such a service as the user it needs, or give it the one capability.

    References:
    - CIS Docker 1.6.0 5.26
    - CIS Docker 1.6.0 2.14
    - OWASP Docker Security Cheat Sheet, rule 4
    - Kubernetes Pod Security Standards, restricted (privilege escalation)
    - Linux kernel documentation, No New Privileges Flag
    """

    title = "Container that may gain new privileges"
    good = "No process in the container can gain privileges that it was not started with."
    catalogue = "HRD-007"
    severity = Severity.MEDIUM
    facts = ("HostConfig.SecurityOpt", "SecurityOptions", "ServerVersion", "Labels of the engine")
    linux_only = True
    remedy = Remedy(
        docker="docker run --security-opt no-new-privileges:true …",
        compose="security_opt: [no-new-privileges:true]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        options = known(subject.facts.security_options, "HostConfig.SecurityOpt")
        own = [option for option in options if option.startswith(_OPTION)]
        if own:
            evidence = {"HostConfig.SecurityOpt": own[-1]}  # the engine takes the last one
            return passed(evidence) if _is_on(own[-1]) else failed(evidence, cis=("5.26",))
        host = subject.around.host
        known(host.security_options, "SecurityOptions")
        if host.security_option(_OPTION) is not None:
            return passed({"SecurityOptions": f"name={_OPTION}"})
        if _tells_its_default(host):
            return failed({"HostConfig.SecurityOpt": [], "SecurityOptions": []})
        if _CLAIM in (host.labels or ()):
            return passed({"Labels": _CLAIM}, "The engine does not tell its default; its label claims it.")
        reason = "This engine does not tell whether its own default forbids it."
        return failed({"HostConfig.SecurityOpt": []}, reason, cis=("5.26",))


def _is_on(option: str) -> bool:
    return option.removeprefix(_OPTION).lstrip("=:").lower() in _TRUE


def _tells_its_default(host: HostFacts) -> bool:
    version = Version.parse(host.engine_version)
    return host.kind == "docker" and version is not None and version.numbers >= _SHOWN_SINCE
