"""A bind mount dressed as a volume passes every look at the container's mounts."""

from __future__ import annotations

from fleet.inventory.paths import is_system_area, sensitive_area
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import Remedy, VolumeRule
from fleet.readiness.subjects import VolumeSubject
from fleet.readiness.vocabulary import Severity


class LocalVolumeHidesBind(VolumeRule):
    """The volume is a folder of the host in disguise, so what mounts it looks safer and sturdier than it is.

    What it looks at:
    Driver and Options of the volume: driver local with bind or rbind among the words of the option o, and the option
    device. A device that is, holds or lies in a sensitive path of the host (/, /etc, /root, /var/lib/docker, /run and
    so on) makes it critical, unless the volume is mounted read-only.

    Why it matters:
    Containers that mount it show Type volume, and reviews and scanners that look for bind mounts pass it by, also when
    the folder is /etc or holds the engine's socket. The volume survives nothing that the folder does not, and
    docker volume rm leaves the data where they are, so its life is not what a volume's owner expects.

    How to fix:
    Make a real volume and copy the data into it. Where containers must share a folder with the host, say so openly
    with a bind mount, of the narrowest folder and read-only where possible.

    What the fix may break:
    Programs on the host that read or write that folder no longer meet the container there. File ownership has to be
    carried over with the data (cp -a).

    References:
    - https://docs.docker.com/reference/cli/docker/volume/create/#opt
    - CIS Docker 1.6.0 5.6
    """

    title = "Local volume that hides a folder of the host"
    good = "The volume keeps its data in a place of its own."
    catalogue = "STO-005"
    severity = Severity.HIGH
    facts = ("Driver", "Options.o", "Options.device")
    remedy = Remedy(
        docker="docker volume create data   # without --opt o=bind\ndocker run -v data:/data …",
        compose="volumes:\n  data: {}   # without driver_opts: {type: none, o: bind, device: /srv/data}",
    )

    def judge(self, subject: VolumeSubject) -> Outcome:
        volume = subject.facts
        if known(volume.driver, "Driver") != "local":
            return not_applicable("Only the local driver can hide a folder of the host.")
        options = volume.options or {}  # the engine says null for a volume without options
        source = volume.bind_source
        evidence = {f"Options.{name}": options[name] for name in ("type", "o", "device") if name in options}
        if source is None:
            return passed(evidence)
        read_only = "ro" in options.get("o", "").split(",")
        area = sensitive_area(source, writable=not read_only, root_dir=subject.around.host.root_dir)
        if area is None:
            return failed(evidence, f"It is the folder {source} of the host.", cis=())
        reason = f"It is the folder {source} of the host, which is sensitive ({area})."
        return failed(
            evidence,
            reason,
            severity=Severity.HIGH if read_only else Severity.CRITICAL,
            cis=None if is_system_area(area) else (),
        )
