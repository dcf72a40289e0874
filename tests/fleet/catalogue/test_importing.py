"""Many services from one file: what is new, what changes, what is wrong where, and nothing lost."""

from __future__ import annotations

import pytest

from fleet.catalogue import COLUMNS, Entry, ImportReport, as_csv, enter, import_services
from fleet.models import Service
from fleet.sheet import SheetError, read_rows
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
HEADER = "name,team,tier,stage,runbook,oncall,source_url\n"


def _import(text: str, *, dry_run: bool = False) -> ImportReport:
    return import_services(read_rows(text.encode(), COLUMNS), by="anna", now=NOW, dry_run=dry_run)


def test_new_services_are_entered_with_all_that_is_said_of_them() -> None:
    report = _import(HEADER + "web,payments,1,production,https://wiki/web,web@x.org,https://git/web\nledger,,,,,,\n")
    assert [(one.line, one.name) for one in report.added] == [(2, "web"), (3, "ledger")]
    row = Service.objects.get(name="web")
    assert (row.team, row.tier, row.declared_stage, row.runbook) == ("payments", 1, "production", "https://wiki/web")
    assert (row.oncall, row.source_url, row.entered_by) == ("web@x.org", "https://git/web", "anna")


def test_a_preview_says_what_changes_from_what_to_what_and_stores_nothing() -> None:
    enter(Entry(name="web", team="payments", tier="1"), by="ben", now=NOW)
    text = HEADER + "web,payments,2,,https://wiki/web,,\nnew,,,,,,\n"
    report = _import(text, dry_run=True)
    (changed,) = report.changed
    assert changed.fields == {"tier": (1, 2), "runbook": ("", "https://wiki/web")}
    assert Service.objects.get().tier == 1
    done = _import(text)
    assert (done.changed, done.added) == (report.changed, report.added)
    assert Service.objects.get(name="web").tier == 2


def test_an_empty_cell_erases_nothing_and_a_dash_does() -> None:
    enter(Entry(name="web", team="payments", tier="1", oncall="rota"), by="ben", now=NOW)
    assert _import("name,team,oncall\nweb,,\n").unchanged == ["web"]
    _import("name,tier,oncall\nweb,-,-\n")
    row = Service.objects.get()
    assert (row.team, row.tier, row.oncall) == ("payments", None, "")


def test_each_bad_row_is_named_by_line_and_column_and_the_good_ones_are_stored() -> None:
    report = _import(HEADER + "a,,high,,,,\nb,,,live,,,\n,,,,,,x\nc,,2,,,,\nc,,3,,,,\nd,x\ne,,,,wiki,,\n")
    assert [(one.line, one.column) for one in report.rejected] == [
        (2, "tier"), (3, "stage"), (4, "name"), (6, "name"), (7, ""), (8, "runbook"),
    ]  # fmt: skip
    assert "stands on line 5 already" in report.rejected[3].reason
    assert list(Service.objects.values_list("name", "tier")) == [("c", 2)]


def test_every_line_is_told_once() -> None:
    enter(Entry(name="a", tier="1"), by="ben", now=NOW)
    enter(Entry(name="b"), by="ben", now=NOW)
    report = _import("name,tier\na,2\nb,\nc,3\nd,x\n", dry_run=True)
    told = len(report.added) + len(report.changed) + len(report.unchanged) + len(report.rejected)
    assert (told, len(report.changed), report.unchanged) == (4, 1, ["b"])


def test_what_is_exported_is_imported_again_without_a_change() -> None:
    enter(Entry(name="=SUM(1)", oncall="@payments", team="-ops"), by="ben", now=NOW)
    enter(Entry(name='shop/"web", too', tier="2", stage="staging", runbook="https://wiki/w"), by="ben", now=NOW)
    swept(host_row(team="platform"), container(labels={"loadline.service": "found"}))
    before = list(Service.objects.order_by("pk").values())
    text = as_csv(Service.objects.in_catalogue())
    report = _import(text)
    assert (report.added, report.changed, report.rejected) == ([], [], [])
    assert len(report.unchanged) == 3
    assert list(Service.objects.order_by("pk").values()) == before
    Service.objects.filter(containers_total=0).delete()
    _import(text)
    assert as_csv(Service.objects.in_catalogue().order_by("name")) == as_csv_sorted(text)


def as_csv_sorted(text: str) -> str:
    """The same lines, in the order of the names that stand in them."""
    header, *lines = text.splitlines(keepends=True)
    names = dict(zip(lines, [row.values["name"] for row in read_rows(text.encode(), COLUMNS)], strict=True))  # type: ignore[union-attr]
    return header + "".join(sorted(lines, key=lambda line: names[line].removeprefix("'")))


def test_a_service_that_containers_name_is_changed_and_entered_by_a_file() -> None:
    swept(host_row(), container(labels={"loadline.service": "web"}))
    report = _import("name,tier\nweb,1\n")
    assert [one.name for one in report.changed] == ["web"]
    assert Service.objects.get().declared is True


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "its first line should be name,team,tier"),
        ("service,team\nweb,x\n", "no column name, unknown column service"),
        ("name,runbok\nweb,x\n", "unknown column runbok, perhaps runbook"),
        ("name;team\nweb;x\n", "save the file with commas"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_remedy(text: str, said: str) -> None:
    with pytest.raises(SheetError, match=said):
        _import(text)


def test_two_thousand_services_are_looked_up_together(django_assert_max_num_queries: object) -> None:
    text = "name,tier\n" + "".join(f"service-{n},2\n" for n in range(2000))
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(_import(text, dry_run=True).added) == 2000
