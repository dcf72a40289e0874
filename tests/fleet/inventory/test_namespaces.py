from __future__ import annotations

import pytest

from fleet.inventory.namespaces import joined
from tests.builders import container

OTHER = container(id="a" * 64, name="agent")


@pytest.mark.parametrize("mode", [f"container:{OTHER.id}", "container:agent"])
def test_another_containers_namespace_is_found_by_id_and_by_name(mode: str) -> None:
    assert joined(mode, (container(), OTHER)) is OTHER


@pytest.mark.parametrize("mode", ["", "host", "private", "shareable", "container:", "container:gone", "agent"])
def test_no_other_mode_joins_anybody(mode: str) -> None:
    assert joined(mode, (container(), OTHER)) is None
