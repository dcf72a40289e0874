"""An image for another processor runs in an emulator, slowly and not quite the same."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity

_SAME = {"x86_64": "amd64", "aarch64": "arm64", "arm64v8": "arm64", "armv7l": "arm", "armv6l": "arm", "i686": "386"}


class ArchitectureMismatch(ImageRule):
    """The image was built for another processor than the host has.

    What it looks at:
    Architecture of the image against Architecture of /info, with x86_64 and amd64, aarch64 and arm64 taken for the
    same. Whether the registry offers the image for other processors is not asked by this version.

    Why it matters:
    The kernel starts such a program through an emulator, ten times slower and with signals, threads and system calls
    that behave a little differently. It passes a quick test and fails under load.

    How to fix:
    Build for each platform the fleet has, and deploy by a tag or digest that stands for all of them.

    What the fix may break:
    Builds for several platforms take longer.

    References:
    - https://specs.opencontainers.org/image-spec/image-index/
    - https://docs.docker.com/build/building/multi-platform/
    """

    title = "Image for another architecture than the host's"
    good = "It was built for the host's processor."
    catalogue = "RUN-009"
    severity = Severity.MEDIUM
    facts = ("Image.Architecture", "Architecture")
    remedy = Remedy(
        docker="docker buildx build --platform linux/amd64,linux/arm64 …",
        compose="build: {platforms: [linux/amd64, linux/arm64]}",
    )

    def judge(self, subject: ImageSubject) -> Outcome:
        own = known(subject.facts.architecture, "Image.Architecture")
        host = known(subject.around.host.architecture, "Architecture")
        evidence = {"Image.Architecture": own, "Architecture": host}
        wanted, there = _SAME.get(own, own), _SAME.get(host, host)
        if wanted == there:
            return passed(evidence)
        if (wanted, there) == ("386", "amd64"):
            return passed(evidence, "Its programs of 32 bits run on this processor without an emulator.")
        return failed(evidence)
