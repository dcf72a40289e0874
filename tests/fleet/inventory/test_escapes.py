from __future__ import annotations

import pytest
from fleet.inventory.escapes import escapes_of_runc

from fleet.inventory.versions import Version


def known(text: str) -> set[str]:
    version = Version.parse(text)
    assert version is not None
    return {escape.identifier for escape in escapes_of_runc(version)}


_NOVEMBER_2025 = {"CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"}


@pytest.mark.parametrize("text", ["1.2.7", "1.3.2", "1.4.0-rc.2", "1.1.15"])
def test_the_last_release_before_each_fix_has_the_flaws(text: str) -> None:
    assert known(text) == _NOVEMBER_2025


@pytest.mark.parametrize("text", ["1.2.8", "1.3.3", "1.4.0-rc.3", "1.4.0", "1.5.1"])
def test_each_fixed_branch_is_clean(text: str) -> None:
    assert known(text) == set()


def test_rc6_has_the_flaw_of_2019_and_rc7_has_not() -> None:
    assert "CVE-2019-5736" in known("1.0.0-rc6")
    assert "CVE-2019-5736" not in known("1.0.0-rc7")


def test_a_flaw_does_not_reach_back_before_it_was_made() -> None:
    assert "CVE-2025-52565" not in known("1.0.0-rc2")
    assert "CVE-2025-52565" in known("1.0.0-rc3")


def test_one_patch_release_less_makes_the_difference() -> None:
    assert "CVE-2024-21626" in known("1.1.11")
    assert "CVE-2024-21626" not in known("1.1.12")
