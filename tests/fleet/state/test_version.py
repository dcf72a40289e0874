from __future__ import annotations

from pathlib import Path

import pytest

from fleet.state import version as module


def test_it_is_another_when_the_code_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = module.version()
    copied = tmp_path / "state"
    copied.mkdir()
    for path in Path(module.__file__).parent.glob("*.py"):
        (copied / path.name).write_text(path.read_text())
    monkeypatch.setattr(module, "__file__", str(copied / "version.py"))
    assert module.version.__wrapped__() == before
    (copied / "storage.py").write_text("changed = True\n")
    assert module.version.__wrapped__() != before
