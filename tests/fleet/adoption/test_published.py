"""What others published stands beside what of ours it is like."""

from __future__ import annotations

from fleet.adoption import DEFINITIONS, Number
from fleet.adoption.published import BESIDE, compared, published


def test_every_entry_says_where_it_comes_from_and_stands_somewhere() -> None:
    kinds = {one.kind for one in BESIDE}
    assert {entry.kind for entry in published().entries} == kinds
    assert all(entry.source and entry.measures for entry in published().entries)
    assert {one.key for one in BESIDE} <= set(DEFINITIONS)
    assert min(entry.date.year for entry in published().entries) == 2015


def test_ours_stands_beside_each() -> None:
    found = {one.beside.kind: one for one in compared({"hosts-in-production": Number(part=7, whole=12)})}
    hosts = found["hosts"]
    assert [(entry.who, entry.percent) for entry in hosts.published] == [("Datadog", 6), ("Datadog", 21)]
    assert hosts.ours == Number(part=7, whole=12)
    assert found["adopter"].ours is None
