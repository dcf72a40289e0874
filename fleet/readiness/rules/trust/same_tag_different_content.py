"""Replicas that bear one name and run two programs fail in two ways."""

from __future__ import annotations

from datetime import datetime

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import Remedy, ServiceRule
from fleet.readiness.subjects import ROLLOUT, Member, ServiceSubject
from fleet.readiness.vocabulary import Severity


class SameTagDifferentContent(ServiceRule):
    """One image reference of the service stands for different content on different hosts.

    What it looks at:
    RepoDigests of the images behind each Config.Image of the running containers, host by host. Digests are compared and
    not image IDs, which differ between architectures. Containers made within the last half hour are a rollout.

    Why it matters:
    The load balancer sends one request to the old program and the next to the new one. Errors come and go with the
    host, and every configuration file says that all replicas are the same.

    How to fix:
    Pin the image by its digest, and pull and restart where the old content runs.

    What the fix may break:
    Restarting replaces the old program: make sure that the new one is the one that is wanted.

    References:
    - Goes further than CIS Docker 5.28
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
        # What a silent host said long ago is nothing to compare with what runs today.
        running = [member for member in subject.running if member.fresh]
        if len({member.host for member in running}) < 2:  # noqa: PLR2004 - on one host a tag is one image
            if len(running) < len(subject.running):
                return unknown("A host that it runs on has not answered for too long.")
            return not_applicable("It runs on one host.")
        by_reference: dict[str, list[Member]] = {}
        for member in running:
            by_reference.setdefault(known(member.facts.image_reference, "Config.Image"), []).append(member)
        mixed: dict[str, dict[str, list[str]]] = {}
        untold: set[str] = set()
        for reference, members in by_reference.items():
            contents, blank = _contents(members)
            untold |= blank
            if len(contents) > 1:
                mixed[reference] = contents
        if not mixed:
            if untold:
                return unknown(f"The digest is not known on {', '.join(sorted(untold))}.")
            if len(running) < len(subject.running):
                return unknown("A host that it runs on has not answered for too long.")
            return passed({"Config.Image": sorted(by_reference)})
        if any(_just_made(member, subject.clock) for reference in mixed for member in by_reference[reference]):
            return not_applicable("Some of it was made within the last half hour: a rollout may be under way.")
        return failed({"RepoDigests": mixed})


def _contents(members: list[Member]) -> tuple[dict[str, list[str]], set[str]]:
    """Hosts by digest, and hosts where no digest is known. Any digest in common means the same content.

    An image may have several: one for each registry that it was pulled from or pushed to.
    """
    groups: list[tuple[set[str], set[str], set[str]]] = []  # image IDs, digests, hosts
    for member in members:
        ids = {member.facts.image_id} if member.facts.image_id else set()
        digests = {one.rpartition("@")[2] for one in (member.image.digests if member.image else None) or ()}
        hosts = {member.host}
        apart = []
        for group in groups:
            if group[0] & ids or group[1] & digests:
                ids, digests, hosts = group[0] | ids, group[1] | digests, group[2] | hosts
            else:
                apart.append(group)
        groups = [*apart, (ids, digests, hosts)]
    told = {min(digests): sorted(hosts) for _, digests, hosts in groups if digests}
    # Without a digest nothing can be compared, unless it is one image everywhere.
    blank = {host for _, digests, hosts in groups if not digests for host in hosts} if len(groups) > 1 else set()
    return told, blank


def _just_made(member: Member, now: datetime) -> bool:
    """By when it was created: one that only restarts, however often, is no rollout."""
    made = member.facts.created_at
    return made is not None and now - made < ROLLOUT
