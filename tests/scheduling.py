"""How test processes share the work: whole files, so that what a module makes for its tests is made once."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

#: So many processes at most all begin with long files.
LANES = 2
#: Begun first, so that no process ends with a long one alone: they wait for programs, or have one fleet for many tests.
LONG = (
    "tests/survival/",
    "tests/acceptance/",
    "tests/engines/",
    "tests/dashboard/test_up.py",
    "tests/browser/",
    "tests/dashboard/pages/test_numbers.py",
    "tests/dashboard/test_urls.py",
    "tests/dashboard/",
    "tests/fleet/management/",
    "tests/fleet/evidence/",
    "tests/fleet/simulation/",
)


class LongFirst(LoadFileScheduling):
    """By file and not by xdist's groups: pytest 9 takes no notice of the names by which xdist 3 marks them.

    Long files wait most of the time, and the rest reckons. So the last process begins at the other end, and there is
    something to reckon at any time.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        quick = len(self.nodes) > LANES and node is self.nodes[-1]
        self.workqueue.move_to_end((max if quick else min)(self.workqueue, key=rank), last=False)
        super()._assign_work_unit(node)


def rank(file: str) -> int:
    """Its place in the order of LONG; min() keeps files of one rank as they come."""
    return next((place for place, prefix in enumerate(LONG) if file.startswith(prefix)), len(LONG))
