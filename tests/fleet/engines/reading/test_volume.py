from __future__ import annotations

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
