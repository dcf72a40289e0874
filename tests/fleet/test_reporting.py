"""A finding as plain data."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from fleet.lookup import UnknownNameError
from fleet.models import AnswerPattern, Finding, Host
from fleet.reporting import as_text, finding_as_dict, moment, select_findings
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
# The public shape; names and order are promised to scripts.
SHAPE = (
    "rule", "catalogue", "pillar", "severity", "status", "subject", "service", "evidence", "reason", "references",
    "waiver", "first_seen", "last_seen", "stale", "cis",
)  # fmt: skip


def _privileged(name: str = "prod-01") -> Host:
    return swept(
        host_row(name), container(name="bad", privileged=True, labels={**OWNED, "loadline.service": "checkout"})
    )


def _finding(now: datetime = NOW) -> dict[str, object]:
    return finding_as_dict(select_findings(rule="privileged-container").get(), now=now)


def test_a_finding_has_exactly_the_public_shape() -> None:
    _privileged()
    finding = _finding()
    assert tuple(finding) == SHAPE
    assert finding["rule"] == "privileged-container"
    assert finding["catalogue"] == "HRD-001"
    assert finding["pillar"] == "hardening"
    assert finding["severity"] == "critical"
    assert finding["status"] == "fail"
    assert finding["subject"] == {"kind": "container", "id": "c" * 64, "name": "bad", "host": "prod-01"}
    assert finding["service"] == "checkout"
    assert finding["evidence"] == {"HostConfig.Privileged": True}
    assert "CIS Docker 1.6.0 5.5" in str(finding["references"])
    assert finding["waiver"] is None
    assert finding["first_seen"] == finding["last_seen"] == "2026-11-24T12:00:00Z"
    assert finding["stale"] is False
    json.dumps(finding)


def test_a_finding_names_only_the_items_of_the_benchmark_that_it_violates() -> None:
    rules = ("c 1:3 r",)
    swept(host_row(), container(ipc_mode="host", device_cgroup_rules=rules, cap_drop=()))

    def told(rule: str) -> tuple[object, list[str]]:
        finding = finding_as_dict(select_findings(rule=rule).get(), now=NOW)
        return finding["cis"], [line for line in finding["references"] if "CIS Docker" in line]

    assert told("host-ipc-or-uts") == (["5.17"], ["CIS Docker 1.6.0 5.17"])
    assert told("no-ulimits") == (["5.19", "2.8"], ["CIS Docker 1.6.0 5.19", "CIS Docker 1.6.0 2.8"])  # it passes
    assert told("host-device") == ([], [])  # the benchmark knows devices only, and no rules for their numbers
    assert told("capabilities-not-dropped") == ([], [])  # the rule goes further than the benchmark


def test_old_evidence_is_called_stale_and_keeps_its_time() -> None:
    _privileged()
    finding = _finding(NOW + timedelta(hours=1))
    assert finding["stale"] is True
    assert finding["last_seen"] == "2026-11-24T12:00:00Z"


def test_a_rule_that_this_version_no_longer_has_still_reads() -> None:
    _privileged()
    Finding.objects.filter(rule="privileged-container").update(rule="long-gone")
    finding = finding_as_dict(Finding.objects.get(rule="long-gone"), now=NOW)
    assert finding["rule"] == "long-gone"
    assert finding["catalogue"] is None
    assert finding["references"] == []


def test_moments_are_in_utc_to_the_second() -> None:
    there = timezone(timedelta(hours=2))
    assert moment(datetime(2026, 11, 23, 22, 18, 30, 999_999, there)) == "2026-11-23T20:18:30Z"
    assert moment(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
    assert moment(None) is None


def test_reading_many_findings_asks_the_database_once_for_rows_and_once_for_sheets(
    django_assert_num_queries: object,
) -> None:
    _privileged("a")
    _privileged("b")
    AnswerPattern.objects.all().all_of_them()  # which a process reads once
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len([finding_as_dict(f, now=NOW) for f in select_findings()]) > 2


def test_filters_narrow_together() -> None:
    _privileged("a")
    _privileged("b")
    swept(host_row("c"), container(name="good"))
    assert select_findings(rule="privileged-container").count() == 3
    assert select_findings(rule="HRD-001", status="fail").count() == 2
    assert select_findings(rule="HRD-001", host="a", status="fail", service="checkout", container="bad").count() == 1
    assert select_findings(rule="HRD-001", host="c", status="fail").count() == 0


@pytest.mark.parametrize("name", ["host", "service", "container", "rule"])
def test_an_unknown_name_is_an_error_and_not_an_empty_list(name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"No {name} is called nonesuch"):
        select_findings(**{name: "nonesuch"})


def test_the_text_names_rule_subject_host_and_evidence() -> None:
    _privileged()
    text = as_text(_finding())
    assert text.startswith("fail ")
    assert "privileged-container" in text
    assert "container bad on prod-01" in text
    assert "HostConfig.Privileged: true" in text
