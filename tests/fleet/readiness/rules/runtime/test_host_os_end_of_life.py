from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.host_os_end_of_life import HostOsEndOfLife
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import host_subject

RULE = HostOsEndOfLife()


def system(name: str | None, version: str | None = None, *, on: str = "2026-11-24") -> HostSubject:
    subject = host_subject(operating_system=name, os_version=version)
    return HostSubject(around=replace(subject.around, now=datetime.fromisoformat(on).replace(tzinfo=UTC)))


@pytest.mark.parametrize(
    ("name", "version"),
    [("CentOS Linux 7 (Core)", "7"), ("Debian GNU/Linux 11 (bullseye)", "11"), ("Alpine Linux v3.20", "3.20.3")],
)
def test_a_system_nobody_mends_fails(name: str, version: str) -> None:
    outcome = RULE.judge(system(name, version))
    assert outcome.status is Status.FAIL
    assert outcome.severity is None
    assert outcome.evidence == {"OperatingSystem": name, "OSVersion": version}


@pytest.mark.parametrize(
    ("name", "version"), [("Ubuntu 20.04.6 LTS", "20.04"), ("Debian GNU/Linux 12 (bookworm)", "12"), ("debian", "12")]
)
def test_a_system_in_its_extended_period_is_milder(name: str, version: str) -> None:
    outcome = RULE.judge(system(name, version))
    assert outcome.status is Status.FAIL
    assert outcome.severity is Severity.MEDIUM
    assert "long-term or paid" in outcome.reason


def test_each_period_lasts_to_the_end_of_its_last_day() -> None:
    def judged(on: str) -> tuple[Status, Severity | None]:
        outcome = RULE.judge(system("Debian GNU/Linux 12 (bookworm)", "12", on=on))
        return outcome.status, outcome.severity

    assert judged("2026-07-11") == (Status.PASS, None)
    assert judged("2026-07-12") == (Status.FAIL, Severity.MEDIUM)
    assert judged("2028-06-30") == (Status.FAIL, Severity.MEDIUM)
    assert judged("2028-07-01") == (Status.FAIL, None)


def test_docker_desktop_is_not_applicable() -> None:
    assert RULE.judge(system("Docker Desktop", "")).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("name", ["Arch Linux", "Flatcar Container Linux by Kinvolk 3815.2.0 (Oklo)", "debian", ""])
def test_a_system_that_is_not_in_the_table_is_unknown(name: str) -> None:
    assert RULE.judge(system(name)).status is Status.UNKNOWN


def test_an_unreported_system_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="OperatingSystem"):
        RULE.judge(system(None, "12"))


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("Ubuntu 24.04.3 LTS", "24.04"),
        ("Debian GNU/Linux 13 (trixie)", "13"),
        ("Red Hat Enterprise Linux 9.4 (Plow)", "9.4"),
        ("Amazon Linux 2023.5.20240708", "2023"),
    ],
)
def test_a_supported_system_passes(name: str, version: str) -> None:
    assert RULE.judge(system(name, version)).status is Status.PASS
