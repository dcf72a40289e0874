from __future__ import annotations

import tomllib
from pathlib import Path

from dashboard.version import LOADLINE


def test_it_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == LOADLINE
