from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fleet.readiness.findings import MissingFactError, Outcome, TableTooOldError
from fleet.readiness.rules.runtime.engine_end_of_life import EngineEndOfLife
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity, Status
from fleet.tables import Tables
from fleet.tables.book import FRESH_DAYS, USABLE_DAYS
from tests.builders import around, host, host_subject

RULE = EngineEndOfLife()


def test_an_ended_branch_fails() -> None:
    outcome = RULE.judge(host_subject(engine_version="28.5.2"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_one_that_ended_more_than_a_year_ago_is_critical() -> None:
    outcome = RULE.judge(host_subject(engine_version="20.10.24"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)


def test_a_branch_older_than_all_that_are_listed_ended_before_them() -> None:
    outcome = RULE.judge(host_subject(engine_version="18.03.1-ce"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)


def on(name: str, os_version: str, engine: str = "20.10.24+dfsg1", **changes: Any) -> Outcome:
    return RULE.judge(
        host_subject(engine_version=engine, operating_system=name, os_version=os_version, **changes),
    )


def test_a_distributions_build_ends_with_the_distribution() -> None:
    assert on("Debian GNU/Linux 11 (bullseye)", "11").severity is None
    outcome = on("Debian GNU/Linux 10 (buster)", "10")
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)


def test_one_in_long_term_support_is_milder() -> None:
    """This machine: Debian 12 got its last fixes for everybody in July 2026."""
    outcome = on("Debian GNU/Linux 12 (bookworm)", "12")
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.MEDIUM)
    assert outcome.reason.startswith("Vendor-maintained, by Debian 12")


@pytest.mark.parametrize("engine", ["20.10.24-acme1", "23.0.1+azure-2", "29.0.0-dev", "19.03.1-ee-2", "4.9.4-rhel"])
def test_a_build_of_neither_upstream_nor_the_distribution_is_unknown(engine: str) -> None:
    outcome = on("Debian GNU/Linux 13 (trixie)", "13", engine)
    assert outcome.status is Status.UNKNOWN
    assert "Somebody else" in outcome.reason


def test_a_version_that_is_none_is_unknown() -> None:
    assert RULE.judge(host_subject(engine_version="library-import")).status is Status.UNKNOWN


def test_a_branch_that_the_table_does_not_have_is_unknown() -> None:
    assert RULE.judge(host_subject(engine_version="31.0.1")).status is Status.UNKNOWN


def test_a_distribution_that_the_table_does_not_have_is_unknown() -> None:
    assert (
        RULE.judge(host_subject(engine_version="20.10.24+dfsg1", operating_system="Minix 3")).status is Status.UNKNOWN
    )


def test_an_unreported_version_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(engine_version=None))


def on_day(day: date, **changes: Any) -> Outcome:
    now = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return RULE.judge(HostSubject(around=around(host=host(**changes), now=now)))


def test_nothing_passes_by_a_table_of_last_year_but_what_ended_has_ended() -> None:
    day = Tables.shipped().components.as_of + timedelta(days=USABLE_DAYS + 1)
    with pytest.raises(TableTooOldError, match="components"):
        on_day(day)
    assert on_day(day, engine_version="28.5.2").status is Status.FAIL


@pytest.mark.parametrize(
    ("days", "freshness"), [(0, 1.0), (FRESH_DAYS, 1.0), (FRESH_DAYS + 1, 0.5), (USABLE_DAYS, 0.5)]
)
def test_an_older_table_counts_half(days: int, freshness: float) -> None:
    tables = Tables.shipped()
    assert on_day(tables.components.as_of + timedelta(days=days)).freshness == freshness
    debians = {"engine_version": "26.1.5+dfsg1", "operating_system": "Debian GNU/Linux 13 (trixie)", "os_version": "13"}
    assert on_day(tables.systems.as_of + timedelta(days=days), **debians).freshness == freshness


def test_a_current_engine_passes() -> None:
    assert RULE.judge(host_subject()).status is Status.PASS


@pytest.mark.parametrize(
    ("name", "os_version", "engine", "commit"),
    [
        ("Debian GNU/Linux 13 (trixie)", "13", "26.1.5+dfsg1", "a72d7cd"),
        ("Ubuntu 24.04.4 LTS", "24.04", "24.0.7", "24.0.7-0ubuntu4.1"),
        ("openSUSE Leap 16.0", "16.0", "28.3.3-ce", "bea959c7b793"),
    ],
)
def test_a_distributions_build_passes_while_the_distribution_is_supported(
    name: str, os_version: str, engine: str, commit: str
) -> None:
    outcome = on(name, os_version, engine, engine_commit=commit)
    assert outcome.status is Status.PASS
    assert outcome.reason.startswith("Vendor-maintained")


def test_podman_has_branches_of_its_own() -> None:
    assert RULE.judge(host_subject(engine_version="6.1.0", kind="podman")).status is Status.PASS


def test_an_older_podman_is_its_distributions() -> None:
    """Podman's makers publish no packages for Linux."""
    assert on("Fedora Linux 44", "44", "5.4.2", kind="podman").status is Status.PASS
    assert on("Red Hat Enterprise Linux 9.4 (Plow)", "9.4", "4.9.4-rhel", kind="podman").status is Status.PASS
    assert on("debian", "12", "4.3.1", kind="podman").severity is Severity.MEDIUM
    assert on("Arch Linux", "", "4.3.1", kind="podman").severity is Severity.CRITICAL
