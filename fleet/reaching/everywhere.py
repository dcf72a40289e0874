"""The address ranges of all hosts, read for a count: networks alone, and no container."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from fleet.inventory import NetworkFacts
from fleet.inventory.plain import from_plain
from fleet.models import Network
from fleet.reach.everywhere import ranges_of_all

#: Of what a page tells: meetings, hosts of one, and hosts with few ranges left.
MOST: Final = 100
MOST_HOSTS: Final = 8


def fleet_ranges() -> dict[str, Any]:
    """Plain data: `hosts` that have networks, `meetings` and `scarce` hosts with how many there are of each."""
    networks: defaultdict[str, list[NetworkFacts]] = defaultdict(list)
    rows = Network.objects.present().order_by().values_list("host__name", "facts")
    for host, facts in rows.iterator(chunk_size=2000):
        networks[host].append(from_plain(NetworkFacts, facts))
    found = ranges_of_all(networks)
    return {
        "hosts": found.hosts,
        "met": len(found.meetings),
        "meetings": [
            [one.one, one.other, one.because, list(one.hosts[:MOST_HOSTS]), len(one.hosts)]
            for one in found.meetings[:MOST]
        ],
        "few": len(found.scarce),
        "scarce": [[host, of.left, of.total, of.others] for host, of in found.scarce[:MOST]],
    }
