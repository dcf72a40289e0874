from __future__ import annotations

import pytest

from fleet.inventory.capabilities import DEFAULT, kept


def test_the_default_is_fourteen() -> None:
    assert len(DEFAULT) == 14
    assert kept((), ()) == DEFAULT


@pytest.mark.parametrize(
    ("added", "dropped", "left"),
    [
        (("ALL",), (), {"ALL"}),
        (("ALL",), ("ALL",), {"ALL"}),
        (("ALL", "CHOWN"), ("SYS_ADMIN",), {"ALL"}),
        ((), ("ALL",), set()),
        (("CHOWN", "SYS_TIME"), ("ALL",), {"CHOWN", "SYS_TIME"}),
        (("CHOWN",), ("ALL", "CHOWN"), {"CHOWN"}),
        ((), tuple(DEFAULT), set()),
        ((), tuple(DEFAULT - {"KILL"}), {"KILL"}),
        (("NET_RAW",), ("NET_RAW",), DEFAULT),
        (("SYS_TIME",), (), DEFAULT | {"SYS_TIME"}),
    ],
)
def test_what_a_container_keeps(added: tuple[str, ...], dropped: tuple[str, ...], left: set[str]) -> None:
    assert kept(added, dropped) == left
