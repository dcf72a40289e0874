"""Facts as worlds."""

from __future__ import annotations

from fleet.reaching.rows import shares_network_of


def test_only_a_mode_that_names_a_container_shares_its_network() -> None:
    assert shares_network_of("container:abc") == "abc"
    assert [shares_network_of(mode) for mode in ("host", "container:", "", None)] == [None] * 4
