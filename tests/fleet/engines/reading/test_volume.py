from __future__ import annotations

import pytest

from fleet.engines.reading import volume
from fleet.engines.reading.redaction import HIDDEN
from tests.fleet.engines.recordings import recorded

ENTRIES = {entry["Name"]: entry for entry in recorded("docker-20.10")["/volumes"]["Volumes"]}


def test_a_plain_volume_has_no_options() -> None:
    facts = volume.from_entry(ENTRIES["pgdata"])
    assert facts is not None
    assert (facts.driver, facts.options, facts.labels) == ("local", {}, {"backup.policy": "daily"})
    assert facts.secret_hints == ()


def test_a_network_volume_keeps_its_options_and_not_its_password() -> None:
    facts = volume.from_entry(ENTRIES["nfs"])
    assert facts is not None
    assert facts.options == {
        "type": "nfs",
        "device": ":/x",
        "o": f"addr=10.0.0.9,nfsvers=4,username={HIDDEN},password={HIDDEN}",
    }
    assert facts.secret_hints == ("o:password",)


def test_options_of_another_type_are_unknown() -> None:
    facts = volume.from_entry({"Name": "x", "Options": ["o=password=x"]})
    assert facts is not None
    assert facts.options is None


def test_a_volume_without_a_name_is_no_volume() -> None:
    assert volume.from_entry({"Name": 7}) is None


def test_sizes_are_of_what_the_engine_counted() -> None:
    usage = {
        "Volumes": [
            {"Name": "pgdata", "UsageData": {"RefCount": 1, "Size": 5 * 1024 * 1024}},
            {"Name": "empty", "UsageData": {"RefCount": 0, "Size": 0}},
            {"Name": "nfs", "UsageData": {"RefCount": 1, "Size": -1}},
            {"Name": "untold", "UsageData": None},
            {"Name": "odd", "UsageData": {"Size": "much"}},
        ]
    }
    assert volume.sizes(usage) == {"pgdata": 5 * 1024 * 1024, "empty": 0}
    facts = volume.from_entry(ENTRIES["pgdata"], sizes=volume.sizes(usage))
    assert facts is not None
    assert facts.size == 5 * 1024 * 1024


def test_newer_engines_list_volumes_in_a_part() -> None:
    items = [{"Name": "pgdata", "UsageData": {"RefCount": 1, "Size": 4096}}]
    assert volume.sizes({"VolumeUsage": {"TotalSize": 4096, "Items": items}}) == {"pgdata": 4096}


@pytest.mark.parametrize("usage", [None, {}, {"Volumes": None}, {"VolumeUsage": {"TotalSize": 7}}])
def test_without_a_list_no_size_is_told(usage: dict[str, object] | None) -> None:
    assert volume.sizes(usage) == {}


def test_a_size_does_not_change_with_every_byte_and_is_never_too_high() -> None:
    def size(number: int) -> int:
        return volume.sizes({"Volumes": [{"Name": "x", "UsageData": {"Size": number}}]})["x"]

    assert size(31) == 31
    assert size(1_000_000) == size(1_000_001) == 983_040
    assert all(number * 15 // 16 <= size(number) <= number for number in (33, 1023, 65_537, 10**9, 10**12 - 1))
