"""What changed, in words: only what is another than before, and never the whole list of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.inventory.plain import to_plain
from fleet.models import Change
from fleet.notes import Notes
from tests.builders import NOW, OWNED, container, host
from tests.rows import host_row, swept

WEB = container(labels={**OWNED, "loadline.service": "checkout"})


@pytest.mark.django_db
def test_a_cause_names_just_the_facts_that_differ_from_those_in_the_database() -> None:
    machine = swept(host_row(), WEB)
    swept(machine, replace(WEB, memory=0, cap_add=("SYS_ADMIN",)), now=NOW + timedelta(minutes=10))
    assert {change.cause for change in Change.objects.filter(service__isnull=False)} == {
        "Container web changed: cap add, memory."
    }


def test_a_list_from_the_database_is_the_tuple_that_was_seen() -> None:
    notes = Notes()
    stored = to_plain(WEB) | {"cap_add": [], "ports": [*to_plain(WEB)["ports"]], "mounts": []}
    notes.container(1, "web", stored, to_plain(WEB))
    assert notes.by_service == {}
    before = to_plain(host())
    notes.engine({**before, "security_options": list(before["security_options"])}, before, name="prod-01")
    assert notes.of_host == ()
