from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.deprecated_storage_driver import DeprecatedStorageDriver
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import host_subject

RULE = DeprecatedStorageDriver()


@pytest.mark.parametrize("driver", ["aufs", "overlay", "devicemapper"])
def test_a_driver_that_was_removed_fails(driver: str) -> None:
    outcome = RULE.judge(host_subject(storage_driver=driver))
    assert outcome.status is Status.FAIL
    assert outcome.severity is None
    assert outcome.evidence == {"Driver": driver}
    assert outcome.cis == {"aufs": ("2.6",), "devicemapper": ("2.11",)}.get(driver, ())


def test_a_file_system_without_d_type_fails() -> None:
    outcome = RULE.judge(host_subject(storage_status={"Backing Filesystem": "xfs", "Supports d_type": "false"}))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Driver": "overlay2", "DriverStatus": {"Supports d_type": "false"}}


@pytest.mark.parametrize(
    ("driver", "severity"), [("vfs", Severity.MEDIUM), ("btrfs", Severity.INFO), ("zfs", Severity.INFO)]
)
def test_a_driver_that_works_but_badly_is_milder(driver: str, severity: Severity) -> None:
    outcome = RULE.judge(host_subject(storage_driver=driver, storage_status={}))
    assert (outcome.status, outcome.severity) == (Status.FAIL, severity)


@pytest.mark.parametrize("driver", ["overlay", "vfs"])
def test_podmans_drivers_of_the_same_name_are_not_applicable(driver: str) -> None:
    assert RULE.judge(host_subject(kind="podman", storage_driver=driver)).status is Status.NOT_APPLICABLE


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Driver"):
        RULE.judge(host_subject(storage_driver=None))


@pytest.mark.parametrize("driver", ["overlay2", "overlayfs", "fuse-overlayfs"])
def test_a_current_driver_passes(driver: str) -> None:
    assert RULE.judge(host_subject(storage_driver=driver, storage_status=None)).status is Status.PASS
