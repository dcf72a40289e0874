"""The documentation is complete: what can be set or run stands in it, and nothing else does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def variables_read() -> set[str]:
    calls = ast.walk(ast.parse((ROOT / "dashboard" / "settings.py").read_text()))
    return {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and isinstance(call.args[0], ast.Constant)
    }


def variables_documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), flags=re.MULTILINE))


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    assert variables_read() == variables_documented()
    assert {"DATABASE_URL", "LOADLINE_DATA", "SECRET_KEY"} <= variables_read()


def test_the_defaults_of_numbers_stand_in_the_documentation() -> None:
    settings, page = (ROOT / "dashboard" / "settings.py").read_text(), (ROOT / "docs" / "settings.md").read_text()
    defaults = re.findall(r'env\.whole_number\("([A-Z_]+)", ([\d_]+)', settings)
    assert defaults
    for name, default in defaults:
        assert f"| `{name}` | `{int(default)}` |" in page
