"""What a process remembers of facts is what the rows say, whatever happened to them since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.inventory import ContainerFacts, NetworkFacts
from fleet.inventory.plain import from_text
from fleet.models import Host, Image, Network
from fleet.models import remembering as memory
from fleet.models.reading import read_rows
from fleet.models.remembering import engines_of, recall, with_facts
from tests.builders import NOW, container, image, network, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def test_facts_are_read_once_and_again_when_they_changed() -> None:
    host = swept(host_row(), container(), networks=(network(),))
    memory._known.clear()
    for queries in (1, 0):
        rows = list(read_rows(Network.objects.all(), defer=("facts",)))
        with CaptureQueriesContext(connection) as asked:
            recall(rows)
            assert [row.read_facts() for row in rows] == [network()]
        assert len(asked) == queries
    other = network(driver="overlay")
    swept(host, container(), networks=(other,), now=NOW + timedelta(minutes=1))
    assert [(facts, told) for facts, told in with_facts(Network.objects.all(), NetworkFacts, "name")] == [
        (other, (other.name,))
    ]


def test_a_row_that_gets_its_facts_after_all_goes_by_these() -> None:
    swept(host_row(), container(), images=(image(),))
    (row,) = read_rows(Image.objects.all(), defer=("facts",))
    recall([row])
    other = replace(image(), architecture="riscv64")
    row.know_facts(other)
    assert row.read_facts() == other
    assert row.facts["architecture"] == image().architecture
    assert row.read_facts() == image()


def test_what_no_digest_says_is_not_remembered() -> None:
    swept(host_row(), container(), networks=(network(),))
    memory._known.clear()
    Network.objects.update(facts_hash="made")
    recall(list(read_rows(Network.objects.all(), defer=("facts",))))
    assert not any(key[0] is Network for key in memory._known)


def test_no_more_is_remembered_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", 8)
    many = tuple(network(id=f"{number:064x}", name=f"net-{number}") for number in range(20))
    swept(host_row(), container(), networks=many)
    memory._known.clear()
    rows = list(read_rows(Network.objects.all(), defer=("facts",)))
    recall(rows)
    assert {row.read_facts().name for row in rows} == {one.name for one in many}
    assert len(memory._known) <= 8


def test_an_engine_is_another_when_what_it_says_of_itself_changed() -> None:
    host = swept(host_row(), container())
    told = [engines_of([host.pk])[host.pk] for _ in range(2)]
    assert told[0][1] is told[1][1]
    assert (told[0][0], told[0][1].system_time, told[0][1].kind) == (host.name, None, "docker")
    seen = snapshot(container())
    other = replace(seen, host=replace(seen.host, engine_version="99.0.0"))
    swept(host, seen=other, now=NOW + timedelta(minutes=1))
    assert engines_of([host.pk])[host.pk][1].engine_version == "99.0.0"
    Host.objects.update(facts={}, judged_on={})
    assert engines_of([host.pk]) == {}


def test_text_that_only_pythons_own_reader_takes_is_read_all_the_same() -> None:
    assert from_text(ContainerFacts, '{"id": "a", "name": "\\ud800", "inspected": true}').name == "\ud800"
