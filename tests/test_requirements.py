from __future__ import annotations

import pytest

from tests.requirements import REQUIRE, require_or_skip


def test_what_a_laptop_lacks_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE, raising=False)
    with pytest.raises(pytest.skip.Exception, match="no engine here"):
        require_or_skip("no engine here")


def test_what_ci_lacks_fails_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE, "1")
    with pytest.raises(pytest.fail.Exception, match="no engine here"):
        require_or_skip("no engine here")
