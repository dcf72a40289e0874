"""An image does not rot, but everything that is known against it grows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity, Stage

_LIMITS = {Stage.PRODUCTION: timedelta(days=90), Stage.STAGING: timedelta(days=180)}
_LABEL = "org.opencontainers.image.created"
#: Reproducible builds set the date to nothing; no image is older than the engine.
_FIRST = datetime(2013, 3, 20, tzinfo=UTC)


class ImageTooOld(ImageRule):
    """The image was built longer ago than the rebuild policy allows: 90 days in production, 180 in staging.

    What it looks at:
    Created of the image or, where that is missing or older than the engine itself, as reproducible builds leave it, the
    label org.opencontainers.image.created.

    Why it matters:
    Fixes reach a container only with a new image. One that was built three months ago lacks every fix of its base image
    since, whatever its own code did; and whoever has not built it for so long may not be able to any more.

    How to fix:
    Rebuild from a fresh base on a schedule, once a month say, and deploy the result even when the code is the same.

    What the fix may break:
    A new base may bring new versions of libraries: run the tests that a release would get.

    References:
    - CIS Docker 1.6.0 4.4
    - NIST SP 800-190 4.1.1
    - NIST SP 800-190 4.2.2
    """

    title = "Image older than the rebuild policy"
    good = "It was rebuilt lately."
    catalogue = "TRU-009"
    severity = Severity.MEDIUM
    facts = ("Created", "Config.Labels")
    remedy = Remedy(docker="docker build --pull --no-cache …", compose="build: {pull: true, no_cache: true}")

    def judge(self, subject: ImageSubject) -> Outcome:
        field, created = "Created", subject.facts.created_at
        if created is None or created < _FIRST:
            field, created = (
                f"Config.Labels.{_LABEL}",
                _moment(known(subject.facts.labels, "Config.Labels").get(_LABEL)),
            )
        if created is None or created < _FIRST:
            return unknown("Neither the engine nor a label tells when it was built.")
        limit = _LIMITS.get(subject.around.stage, _LIMITS[Stage.STAGING])
        evidence = {field: created.date().isoformat()}
        old = subject.around.now - created > limit
        return failed(evidence, f"Built more than {limit.days} days ago.") if old else passed(evidence)


def _moment(text: str | None) -> datetime | None:
    try:
        said = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)
