from __future__ import annotations

from pathlib import Path

from fleet.own_code import version_of
from fleet.state import version as module


def test_it_is_another_when_the_code_is(tmp_path: Path) -> None:
    before = module.version()
    copied = tmp_path / "state"
    copied.mkdir()
    for path in Path(module.__file__).parent.glob("*.py"):
        (copied / path.name).write_text(path.read_text())
    there = str(copied / "version.py")
    assert version_of.__wrapped__(there) == before
    (copied / "storage.py").write_text("changed = True\n")
    assert version_of.__wrapped__(there) != before
