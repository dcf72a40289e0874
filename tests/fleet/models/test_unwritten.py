from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from fleet.models import Container, Host
from fleet.models.unwritten import Unwritten
from tests.builders import NOW
from tests.rows import host_row
from tests.statements import statements

pytestmark = pytest.mark.django_db


def named(host: Host, name: str) -> Container:
    return Container(host=host, engine_id=name * 32, name=name, facts={"name": name}, first_seen=NOW, changed_at=NOW)


def test_a_row_that_is_told_of_twice_is_written_once() -> None:
    host = host_row()
    unwritten = Unwritten()
    host.engine_id, host.containers_total = "ENGINE", 3
    unwritten.save([host], ("engine_id", "containers_total"))
    host.answered_at = NOW
    unwritten.save([host], ("answered_at", "engine_id"))
    assert Host.objects.get().engine_id == ""
    with CaptureQueriesContext(connection) as asked:
        unwritten.write()
        unwritten.write()
    assert len([one for one in statements(asked) if one.startswith("UPDATE")]) == 1
    stored = Host.objects.get()
    assert (stored.engine_id, stored.containers_total, stored.answered_at) == ("ENGINE", 3, NOW)


def test_only_what_was_told_of_is_written() -> None:
    host = host_row()
    Host.objects.update(failures=7)
    unwritten = Unwritten()
    host.failures, host.engine_id = 1, "ENGINE"
    unwritten.save([host], ("engine_id",))
    unwritten.save([host], ())
    unwritten.write()
    assert (Host.objects.get().failures, Host.objects.get().engine_id) == (7, "ENGINE")


def test_rows_with_the_same_fields_take_one_statement() -> None:
    hosts = [host_row("prod-01"), host_row("prod-02"), host_row("prod-03")]
    unwritten = Unwritten()
    for host in hosts:
        host.engine_id = host.name
        unwritten.save([host], ("engine_id",))
    unwritten.save(hosts[2:], ("failures",))
    with CaptureQueriesContext(connection) as asked:
        unwritten.write()
    assert len([one for one in statements(asked) if one.startswith("UPDATE")]) == 2
    assert set(Host.objects.values_list("name", "engine_id")) == {(host.name, host.name) for host in hosts}


def test_two_instances_of_one_row_are_both_written() -> None:
    host_row()
    one, other = Host.objects.get(), Host.objects.get()
    one.engine_id, other.failures = "ENGINE", 2
    unwritten = Unwritten()
    unwritten.save([one], ("engine_id",))
    unwritten.save([other], ("failures",))
    unwritten.write()
    assert (Host.objects.get().engine_id, Host.objects.get().failures) == ("ENGINE", 2)


def test_what_is_not_there_yet_is_told_of() -> None:
    host = host_row()
    unwritten = Unwritten()
    unwritten.save([host], ("engine_id",))
    assert (unwritten.of(Host), unwritten.of(Container)) == ([host], [])
    unwritten.write()
    assert unwritten.of(Host) == []


if connection.vendor == "postgresql":

    def test_a_new_row_has_its_key_before_it_is_there_and_is_inserted_as_it_is_in_the_end() -> None:
        host = host_row()
        rows = [named(host, "a"), named(host, "b")]
        unwritten = Unwritten()
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            unwritten.insert(rows)
            assert (Container.objects.count(), len({row.pk for row in rows})) == (0, 2)
            assert unwritten.of(Container) == rows
            rows[0].verdict = "ready"
            unwritten.save(rows[:1], ("verdict",))
            unwritten.write()
        told = [one for one in statements(asked) if "fleet_container" in one and "SELECT" not in one]
        assert [one.split()[0] for one in told] == ["COPY"]
        assert {row.pk: row.verdict for row in Container.objects.all()} == {rows[0].pk: "ready", rows[1].pk: "unknown"}
        later = named(host, "c")
        later.first_seen += timedelta(days=1)
        later.save()
        assert later.pk > max(row.pk for row in rows)  # the sequence knows
