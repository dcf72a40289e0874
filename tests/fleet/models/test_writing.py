"""Rows written by the thousand end up as Django's own bulk_create and bulk_update leave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fleet.models import Container, Finding, Host, RuleDay, ServiceMark, Waiver
from fleet.models import writing as module
from fleet.models.writing import insert_rows, save_fields, update_rows, upsert_rows
from fleet.readiness.vocabulary import Severity
from tests.builders import NOW, container
from tests.rows import host_row, swept
from tests.statements import statements

pytestmark = pytest.mark.django_db

POSTGRES = connection.vendor == "postgresql"
NAMES = tuple(field.name for field in Finding._meta.concrete_fields if not field.primary_key)
UNIQUE = ("rule", "subject_kind", "subject_pk")
ODD = "tab\there, line\nthere,\rand \\N or \\. with \\t, a 'quote', \"two\", %s %% {} and ünïcödé \U0001f433"


def values(subject: int, **changes: Any) -> dict[str, Any]:
    return {
        "rule": "privileged-container",
        "pillar": "hardening",
        "severity": "critical",
        "severity_rank": 0,
        "status": "fail",
        "core_gate": False,
        "subject_kind": "container",
        "subject_pk": subject,
        "subject_id": "c" * 64,
        "subject_name": "web",
        "host": None,
        "container": None,
        "service": None,
        "evidence": {},
        "blind": False,
        "cis": None,
        "fingerprint": "",
        "waiver": None,
        "reason": "",
        "first_seen": NOW,
        **changes,
    }


def rows_of(told: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in NAMES) for one in told]


def stored(names: Sequence[str] = NAMES) -> list[tuple[Any, ...]]:
    """As the database has it; a NULL and a JSON null read alike, so which of them it is comes last."""
    rows = Finding.objects.order_by("subject_pk", "rule").annotate(no_cis=models.Q(cis__isnull=True))
    return list(rows.values_list("pk", *names, "no_cis"))


def nulls() -> list[bool]:
    return [bool(row[-1]) for row in stored()]


def without_keys(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row[1:] for row in rows]


def both(told: list[dict[str, Any]]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What bulk_create leaves, and what this module does."""
    relations = ("host", "container", "service", "waiver")
    Finding.objects.bulk_create(
        Finding(**{f"{name}_id" if name in relations else name: value for name, value in one.items()}) for one in told
    )
    theirs = without_keys(stored())
    Finding.objects.all().delete()
    insert_rows(Finding, NAMES, rows_of(told))
    ours = without_keys(stored())
    Finding.objects.all().delete()
    return theirs, ours


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": ODD, "subject_name": ODD[:255], "evidence": {ODD: [ODD, {"deep": ODD}]}},
        {"reason": "x" * 300_000, "evidence": {"long": "y" * 300_000}},
        {"reason": "", "subject_name": "\\", "evidence": []},
        {"reason": "\\.", "subject_name": "\\N", "evidence": "\\N"},
        {
            "evidence": {
                "none": None,
                "true": True,
                "big": 2**80,
                "small": -1,
                "real": 0.1,
                "far": 1e300,
                "list": (1, 2),
            }
        },
        {"evidence": {1: "a", 2.5: "b", None: "c", False: "d"}},
        {"evidence": Severity.CRITICAL, "severity": Severity.CRITICAL},
        {"cis": [], "evidence": 0},
        {"cis": models.Value(None, models.JSONField()), "evidence": False},
        {"cis": ["5.1", "5.2"]},
        {"first_seen": datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))},
        {"first_seen": datetime(1, 1, 2, tzinfo=UTC)},
        {"core_gate": 1, "blind": 0, "severity_rank": "3", "subject_pk": "7"},
    ],
    ids="-".join,
)
def test_a_row_is_stored_as_bulk_create_stores_it(changes: dict[str, Any]) -> None:
    theirs, ours = both([values(1, **changes), values(2), values(3, **changes, rule="another")])
    assert ours == theirs
    assert len(ours) == 3


def test_nothing_is_no_statement() -> None:
    with CaptureQueriesContext(connection) as asked:
        insert_rows(Finding, NAMES, [])
        upsert_rows(Finding, NAMES, [], unique=UNIQUE)
        update_rows(Finding, ["reason"], [])
        save_fields([], ["reason"])
    assert not statements(asked)


def test_none_is_an_sql_null_and_a_json_null_is_asked_for() -> None:
    null = models.Value(None, models.JSONField())
    insert_rows(Finding, NAMES, rows_of([values(1), values(2, cis=null)]))
    assert nulls() == [True, False]
    first, second = Finding.objects.order_by("subject_pk").values_list("pk", flat=True)
    update_rows(Finding, ["cis"], [(first, null), (second, None)])
    assert nulls() == [False, True]


@pytest.mark.parametrize("changes", [{"reason": "a\0b"}, {"evidence": {"a": "\0"}}, {"evidence": {"a": "\ud800"}}])
def test_what_a_database_cannot_hold_fails_as_with_bulk_create(changes: dict[str, Any]) -> None:
    def outcome(write: Any) -> Any:
        try:
            with transaction.atomic():
                write()
        except (ValueError, DataError) as error:
            return type(error)
        found = without_keys(stored())
        Finding.objects.all().delete()
        return found

    theirs = outcome(lambda: Finding.objects.bulk_create([Finding(**values(1, **changes))]))
    assert outcome(lambda: insert_rows(Finding, NAMES, rows_of([values(1, **changes)]))) == theirs
    assert isinstance(theirs, type) is POSTGRES


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        insert_rows(Finding, NAMES, rows_of([values(1, evidence={"a": number})]))


def test_facts_are_not_looked_through_for_what_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    swept(host_row(), container())
    row = Container.objects.get()
    monkeypatch.setattr(module.json, "dumps", lambda value: pytest.fail(f"{value} was written a second time"))
    row.facts = {"user": None, "limits": [None, 0.5], "name": "null"}
    save_fields([row], ["facts"])
    assert Container.objects.get().facts == row.facts


if POSTGRES:  # SQLite knows no lengths

    @pytest.mark.parametrize("write", ["insert", "upsert", "update"])
    def test_what_is_too_long_is_refused_and_not_cut_off(write: str) -> None:
        insert_rows(Finding, NAMES, rows_of([values(1)]))
        key, long = Finding.objects.get().pk, [values(1 if write == "upsert" else 2, subject_name="x" * 256)]
        writes = {
            "insert": lambda: insert_rows(Finding, NAMES, rows_of(long)),
            "upsert": lambda: upsert_rows(Finding, NAMES, rows_of(long), unique=UNIQUE),
            "update": lambda: update_rows(Finding, ["subject_name"], [(key, "x" * 256)]),
        }
        with pytest.raises(DataError), transaction.atomic():
            writes[write]()


def test_a_row_that_is_there_already_is_refused_and_nothing_of_its_like_stays() -> None:
    insert_rows(Finding, NAMES, rows_of([values(1)]))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Finding, NAMES, rows_of([values(2), values(1)]))
    assert Finding.objects.count() == 1


def test_a_key_of_nothing_is_refused() -> None:
    insert_rows(ServiceMark, ["service", "marked_at", "causes"], [(4711, NOW, [])])
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()
    ServiceMark.objects.all().delete()  # else the test's own end would complain


def test_a_broken_transaction_is_told_of() -> None:
    def write() -> None:
        transaction.set_rollback(True)
        insert_rows(Finding, NAMES, rows_of([values(1)]))

    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        write()
    assert not Finding.objects.exists()


def test_an_upsert_takes_what_is_new_and_keeps_the_key() -> None:
    insert_rows(Finding, NAMES, rows_of([values(1), values(2)]))
    keys = dict(Finding.objects.values_list("subject_pk", "pk"))
    later = NOW + timedelta(hours=1)
    told = [values(2, status="pass", reason=ODD, first_seen=later, cis=["1"]), values(3)]
    upsert_rows(Finding, NAMES, rows_of(told), unique=UNIQUE)
    assert Finding.objects.count() == 3
    row = Finding.objects.get(subject_pk=2)
    assert (row.pk, row.status, row.reason, row.first_seen, row.cis) == (keys[2], "pass", ODD, later, ["1"])
    assert Finding.objects.get(subject_pk=1).status == "fail"


def test_many_rows_are_a_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 10)
    with CaptureQueriesContext(connection) as asked:
        insert_rows(Finding, NAMES, rows_of(values(number) for number in range(25)))
        keys = list(Finding.objects.values_list("pk", flat=True))
        update_rows(Finding, ["reason"], [(key, str(key)) for key in keys])
    writes = [sql.split()[0] for sql in statements(asked) if not sql.startswith("SELECT")]
    assert writes == ["COPY" if POSTGRES else "INSERT"] * 3 + ["UPDATE"] * 3
    assert all(row.reason == str(row.pk) for row in Finding.objects.all())


def test_an_update_passes_over_what_is_gone_and_leaves_other_rows_and_fields() -> None:
    insert_rows(Finding, NAMES, rows_of([values(1), values(2)]))
    first, second = Finding.objects.order_by("subject_pk")
    update_rows(
        Finding, ["reason", "waiver", "cis"], [(first.pk, ODD, None, ["5.1"]), (second.pk + 1000, "", None, None)]
    )
    first.reason, first.cis = ODD, ["5.1"]
    for row in (first, second):
        again = Finding.objects.get(pk=row.pk)
        assert [getattr(again, name) for name in NAMES] == [getattr(row, name) for name in NAMES]


def test_a_foreign_key_is_written_by_its_field_and_followed() -> None:
    host = swept(host_row(), container())
    row = Container.objects.get()
    insert_rows(Finding, NAMES, rows_of([values(row.pk, host=host.pk, container=row.pk, rule="another")]))
    found = Finding.objects.get(rule="another")
    assert (found.host, found.container) == (host, row)
    row.delete()
    assert not Finding.objects.filter(rule="another").exists()


def test_a_mistake_of_ours_is_told_of() -> None:
    some = [name for name in NAMES if name != "blind"]
    with pytest.raises(ValueError, match="need blind as well"):
        insert_rows(Finding, some, [])
    with pytest.raises(ValueError, match="a value for each field"):
        insert_rows(Finding, NAMES, [(1, 2)])
    with pytest.raises(ValueError, match="a key is not updated"):
        update_rows(Finding, ["id"], [(1, 2)])
    with pytest.raises(FieldDoesNotExist):
        update_rows(Waiver, ["findings"], [])
    with pytest.raises(TypeError, match="no expressions"):
        update_rows(Finding, ["reason"], [(1, models.F("rule"))])
    with pytest.raises(TypeError, match="no expressions"):
        update_rows(Finding, ["evidence"], [(1, models.F("cis"))])


def test_a_date_is_stored_as_one() -> None:
    names = [field.name for field in RuleDay._meta.concrete_fields if not field.primary_key]
    insert_rows(RuleDay, names, [tuple({"day": NOW.date(), "rule": "a-rule"}.get(name, 3) for name in names)])
    row = RuleDay.objects.get()
    assert (row.day, row.rule, row.passed) == (NOW.date(), "a-rule", 3)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))])
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones come apart
CHANGES = st.fixed_dictionaries(
    {
        "reason": TEXT,
        "subject_name": TEXT,
        "evidence": st.dictionaries(TEXT, JSON, max_size=3),
        "cis": st.none() | st.lists(TEXT, max_size=2),
        "blind": st.booleans(),
        "severity_rank": st.integers(0, 4),
        "first_seen": MOMENTS,
    }
)


class TestLikeDjangosOwn(TestCase):
    """Whatever the values are."""

    @settings(max_examples=30, deadline=None)
    @given(st.lists(CHANGES, min_size=1, max_size=4))
    def test_inserted_rows(self, told: list[dict[str, Any]]) -> None:
        theirs, ours = both([values(number, **one) for number, one in enumerate(told)])
        assert ours == theirs

    @settings(max_examples=30, deadline=None)
    @given(st.lists(CHANGES, min_size=1, max_size=4), st.sets(st.sampled_from(["reason", "cis", "evidence", "blind"])))
    def test_updated_rows(self, told: list[dict[str, Any]], more: set[str]) -> None:
        names = ["subject_name", "first_seen", "severity_rank", *sorted(more)]
        insert_rows(Finding, NAMES, rows_of(values(number) for number in range(len(told) + 1)))
        before = stored()
        rows = list(Finding.objects.filter(subject_pk__lt=len(told)).order_by("subject_pk"))
        for row, one in zip(rows, told, strict=True):
            for name in names:
                setattr(row, name, one[name])
        Finding.objects.bulk_update(rows, names)
        theirs = stored()
        update_rows(Finding, NAMES, [(row[0], *row[1:-1]) for row in before])
        assert stored() == before
        save_fields(rows, names)
        assert stored() == theirs


def test_a_host_is_no_less_of_a_model() -> None:
    host = host_row()
    host.judged_on, host.verdict, host.judged_at = {"day": None}, "ready", NOW
    save_fields([host], ["judged_on", "verdict", "judged_at", "environment"])
    again = Host.objects.get()
    assert (again.judged_on, again.verdict, again.judged_at) == ({"day": None}, "ready", NOW)
    assert again.environment_id == host.environment_id
