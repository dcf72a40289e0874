"""Two clocks that disagree make a story of events that never happened in that order."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_MOST = 5.0
_SLOW = 2.0


class ClockSkew(HostRule):
    """The host's clock is more than five seconds off Loadline's.

    What it looks at:
    SystemTime of /info against Loadline's own clock at half of the request. With an answer that took longer than two
    seconds nothing can be said.

    Why it matters:
    Certificates and tokens are refused, logs of two hosts cannot be laid side by side, and databases that order writes
    by time keep the wrong one.

    How to fix:
    Run chrony or another client of NTP on the host, and look at its sources.

    What the fix may break:
    A clock that jumps back confuses programs that measure time by it: let it be slewed instead of stepped.

    References:
    - https://chrony-project.org/documentation.html
    """

    title = "Clock that is off"
    good = "Its clock agrees with Loadline's."
    catalogue = "RES-024"
    severity = Severity.MEDIUM
    facts = ("SystemTime",)
    bound_to = ("SystemTime",)
    remedy = Remedy(
        docker="apt-get install chrony && chronyc tracking", compose="# the host's clock, not the compose file"
    )

    def judge(self, subject: HostSubject) -> Outcome:
        if known(subject.facts.clock_round_trip, "SystemTime") > _SLOW:
            return unknown("The answer took too long to tell the time by.")
        offset = known(subject.facts.clock_offset, "SystemTime")
        if abs(offset) <= _MOST:
            return passed()
        way = "ahead" if offset > 0 else "behind"
        return failed({"SystemTime": f"more than {int(abs(offset) // _MOST * _MOST)} s {way}"})
