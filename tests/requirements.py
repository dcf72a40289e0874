"""What a test may need from the machine, and the one place that decides between skipping and failing without it."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRE = "LOADLINE_TEST_REQUIRE"


def require_or_skip(reason: str) -> NoReturn:
    """Skip with this reason on a laptop; fail where LOADLINE_TEST_REQUIRE=1 says that nothing may be left out."""
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{REQUIRE}=1, but {reason}", pytrace=False)
    pytest.skip(reason)
