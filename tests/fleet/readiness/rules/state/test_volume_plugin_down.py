from __future__ import annotations

import pytest

from fleet.inventory import PluginFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.volume_plugin_down import VolumePluginDown
from fleet.readiness.subjects import VolumeSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, host, volume_subject

RULE = VolumePluginDown()
DEAD = (
    'Post "http://%2Frun%2Fdocker%2Fplugins%2Fflocker.sock/VolumeDriver.List": no such file: driver "flocker" not found'
)


def on(driver: str | None, *warnings: str, plugins: tuple[PluginFacts, ...] | None = ()) -> VolumeSubject:
    return volume_subject(surroundings=around(host=host(volume_warnings=warnings), plugins=plugins), driver=driver)


def test_a_warning_that_names_the_driver_fails() -> None:
    outcome = RULE.judge(on("flocker", DEAD))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Driver": "flocker", "Warnings": [DEAD]}


def test_a_managed_plugin_that_is_disabled_fails() -> None:
    plugin = PluginFacts(name="vieux/sshfs:latest", enabled=False)
    assert RULE.judge(on("vieux/sshfs:latest", plugins=(plugin,))).status is Status.FAIL
    assert RULE.judge(on("vieux/sshfs", plugins=(plugin,))).status is Status.FAIL


def test_a_disabled_plugin_is_seen_even_when_warnings_are_not() -> None:
    plugin = PluginFacts(name="sshfs:latest", enabled=False)
    subject = volume_subject(
        surroundings=around(host=host(volume_warnings=None), plugins=(plugin,)), driver="sshfs:latest"
    )
    assert RULE.judge(subject).status is Status.FAIL


def test_the_local_driver_is_not_applicable() -> None:
    assert RULE.judge(on("local", DEAD)).status is Status.NOT_APPLICABLE


def test_volumes_that_could_not_be_listed_are_a_missing_fact() -> None:
    subject = volume_subject(surroundings=around(host=host(volume_warnings=None)), driver="flocker")
    with pytest.raises(MissingFactError, match="/volumes Warnings"):
        RULE.judge(subject)


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Driver"):
        RULE.judge(on(None))


@pytest.mark.parametrize("driver", ["rexray", "flock", "locker", "plug"])
def test_a_warning_about_another_driver_passes(driver: str) -> None:
    assert RULE.judge(on(driver, DEAD)).status is Status.PASS


def test_a_plugin_that_answers_passes() -> None:
    plugin = PluginFacts(name="vieux/sshfs:latest", enabled=True)
    assert RULE.judge(on("vieux/sshfs:latest", plugins=(plugin,))).status is Status.PASS
    assert RULE.judge(on("flocker", plugins=None)).status is Status.PASS
