"""Replicas that bear one name and run two programs fail in two ways."""

from __future__ import annotations

from datetime import timedelta

from fleet.readiness.findings import Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import Remedy, ServiceRule
from fleet.readiness.subjects import Member, ServiceSubject
from fleet.readiness.vocabulary import Severity

_ROLLOUT = timedelta(minutes=30)


class SameTagDifferentContent(ServiceRule):
    """One image reference of the service stands for different content on different hosts.

    What it looks at:
    RepoDigests of the images behind each Config.Image of the running containers, host by host. Digests are compared and
    not image IDs, which differ between architectures. Containers started within the last half hour are a rollout.

    Why it matters:
    The load balancer sends one request to the old program and the next to the new one. Errors come and go with the
    host, and every configuration file says that all replicas are the same.

    How to fix:
    Pin the image by its digest, and pull and restart where the old content runs.

    What the fix may break:
    Restarting replaces the old program: make sure that the new one is the one that is wanted.

    References:
    - CIS Docker 1.6.0 5.28
    - Polaris: tagNotSpecified
    """

    title = "Same tag with different content across hosts"
    good = "All replicas run the same content."
    catalogue = "TRU-014"
    severity = Severity.HIGH
    facts = ("RepoDigests", "Config.Image")
    remedy = Remedy(
        docker="docker pull registry.internal/web:1.4.2   # on each host; better: deploy by digest",
        compose="image: registry.internal/web:1.4.2@sha256:…",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        running = subject.running
        if len({member.host for member in running}) < 2:  # noqa: PLR2004 - on one host a tag is one image
            return not_applicable("It runs on one host.")
        found: dict[str, dict[str, list[str]]] = {}
        untold = []
        for member in running:
            digests = _digests(member)
            if digests is None:
                untold.append(member.host)
                continue
            found.setdefault(member.facts.image_reference or "", {}).setdefault(digests, []).append(member.host)
        mixed = {reference: digests for reference, digests in found.items() if len(digests) > 1}
        if not mixed:
            if untold:
                return unknown(f"The digest is not known on {', '.join(sorted(set(untold)))}.")
            return passed({"RepoDigests": sorted(digest for digests in found.values() for digest in digests)})
        fresh = [m for m in running if m.facts.started_at and subject.now - m.facts.started_at < _ROLLOUT]
        if fresh:
            return not_applicable("Some of it was started within the last half hour: a rollout may be under way.")
        shown = {r: {d: sorted(set(hosts)) for d, hosts in digests.items()} for r, digests in mixed.items()}
        return failed({"RepoDigests": shown})


def _digests(member: Member) -> str | None:
    digests = member.image.digests if member.image else None
    return ", ".join(sorted({one.rpartition("@")[2] for one in digests})) if digests else None
