"""The night is no time to find out how a service works."""

from __future__ import annotations

from datetime import date, timedelta

from fleet.readiness.findings import Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity

_RUNBOOK = (
    "loadline.runbook",
    "readiness.runbook",
    "org.opencontainers.image.documentation",
    "org.opencontainers.image.url",
)
_ONCALL = ("loadline.oncall", "readiness.oncall")
_REVIEWED = ("loadline.reviewed", "readiness.reviewed")
_TOMORROW = timedelta(days=1)  # where it is written the day may have begun already
_LOWEST_TIER = 3


class NoRunbook(ServiceRule):
    """The service names no runbook or nobody to call, or its last production review is more than a year old.

    What it looks at:
    The service's entry in the catalogue, and labels in Config.Labels: loadline.runbook or the image's documentation,
    loadline.oncall, and loadline.reviewed, a date such as 2026-03-31, which may be missing. A service of tier 3 is left
    out.

    Why it matters:
    Whoever is woken by an alert is seldom who wrote the service. Without a page that says what it needs and whom it
    hurts, the first half hour of every outage is spent on that.

    How to fix:
    Write one page, enter it and whom to call in the catalogue or link them by labels, and note the date when the
    service was last looked over.

    What the fix may break:
    Nothing that runs; labels are read when a container is made, so it has to be made anew.

    References:
    - Google SRE book, chapter 32 and appendix E: launch checklist
    """

    title = "No runbook, nobody to call, or a review too long ago"
    good = "It names its runbook and whom to call, and was reviewed within a year."
    catalogue = "OWN-005"
    severity = Severity.MEDIUM
    facts = ("Config.Labels",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker run --label loadline.runbook=https://wiki/web --label loadline.oncall=web@example …",
        compose="labels: {loadline.runbook: https://wiki/web, loadline.oncall: web@example}",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        if not subject.members:
            return not_applicable("Nothing of it is in containers.")
        if subject.tier is not None and subject.tier >= _LOWEST_TIER:
            return not_applicable("A service of tier 3 can wait until somebody has found out.")
        labels = subject.labels
        told = ((_RUNBOOK, subject.runbook), (_ONCALL, subject.oncall))
        missing = [names[0] for names, entered in told if not entered and not any(labels.get(name) for name in names)]
        if missing and any(member.facts.labels is None for member in subject.members):
            return unknown("The labels of one of its containers are not known.")
        if missing:
            return failed({"Config.Labels": {"missing": missing}})
        name = next((name for name in _REVIEWED if labels.get(name)), None)
        if name is None:
            return passed()
        evidence = {"Config.Labels": {name: labels[name]}}
        objection = _objection(labels[name], subject.now.date())
        return failed(evidence, objection) if objection else passed(evidence)


def _objection(text: str, today: date) -> str:
    """What is wrong with the date of the last review; empty when nothing is."""
    try:
        # Some note the hour as well: 2026-03-31T09:00:00Z.
        reviewed = date.fromisoformat(text.strip().partition("T")[0])
    except ValueError:
        return "The date of its review is none."
    if reviewed - today > _TOMORROW:
        return "The date of its review is still to come."
    a_year_later = (reviewed.year + 1, reviewed.month, reviewed.day)
    return "Its last review is more than a year old." if a_year_later < (today.year, today.month, today.day) else ""
