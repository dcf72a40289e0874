from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.local_volume_hides_bind import LocalVolumeHidesBind
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import volume_subject

RULE = LocalVolumeHidesBind()


@pytest.mark.parametrize("words", ["bind", "rbind", "ro,bind", "bind,nodev"])
def test_a_volume_that_is_a_bind_fails(words: str) -> None:
    outcome = RULE.judge(volume_subject(options={"type": "none", "o": words, "device": "/srv/data"}))
    assert outcome.status is Status.FAIL
    assert outcome.severity is None
    assert outcome.evidence == {"Options.type": "none", "Options.o": words, "Options.device": "/srv/data"}


@pytest.mark.parametrize("device", ["/", "/etc", "/var/run", "/root/.ssh", "/var/lib/docker/volumes"])
def test_a_sensitive_folder_makes_it_critical(device: str) -> None:
    assert RULE.judge(volume_subject(options={"o": "bind", "device": device})).severity is Severity.CRITICAL


@pytest.mark.parametrize(("device", "cis"), [("/etc", None), ("/", None), ("/root", ()), ("/srv/data", ())])
def test_the_benchmark_counts_the_operating_systems_own_folders(device: str, cis: tuple[str, ...] | None) -> None:
    assert RULE.judge(volume_subject(options={"o": "bind", "device": device})).cis == cis


def test_a_sensitive_folder_that_is_only_read_stays_high() -> None:
    assert RULE.judge(volume_subject(options={"o": "bind,ro", "device": "/etc"})).severity is Severity.HIGH


def test_other_drivers_are_not_applicable() -> None:
    subject = volume_subject(driver="flocker", options={"o": "bind", "device": "/etc"})
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Driver"):
        RULE.judge(volume_subject(driver=None))


@pytest.mark.parametrize(
    "options",
    [None, {}, {"type": "tmpfs", "device": "tmpfs"}, {"type": "nfs", "o": "addr=10.0.0.1,hard", "device": ":/x"}],
)
def test_a_volume_of_its_own_passes(options: dict[str, str] | None) -> None:
    assert RULE.judge(volume_subject(options=options)).status is Status.PASS
