from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from fleet.lazily import lazily

LAZY = sorted(
    path.parent for path in Path(settings.BASE_DIR, "fleet").rglob("__init__.py") if "lazily(" in path.read_text()
)


def named(package: Path) -> str:
    return ".".join(package.relative_to(settings.BASE_DIR).parts)


def parts(package: Path) -> dict[str, list[str]]:
    """What the package gives to `lazily`."""
    (call,) = [
        node
        for node in ast.walk(ast.parse((package / "__init__.py").read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "lazily"
    ]
    found: dict[str, list[str]] = ast.literal_eval(call.args[1])
    return found


def promised(package: Path) -> dict[str, list[str]]:
    """What it tells a type checker of itself."""
    (block,) = [
        node
        for node in ast.parse((package / "__init__.py").read_text()).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    own = f"{named(package)}."
    return {
        line.module.removeprefix(own): [name.name for name in line.names]
        for line in block.body
        if isinstance(line, ast.ImportFrom) and line.module and line.module.startswith(own)
    }


def test_there_are_such_packages() -> None:
    assert {"fleet.assessment", "fleet.proving", "fleet.registration", "fleet.transport"} <= set(map(named, LAZY))


@pytest.mark.parametrize("package", LAZY, ids=named)
def test_what_is_promised_is_what_is_found(package: Path) -> None:
    found, told = parts(package), promised(package)
    # What only the package's own signatures need stays with the type checker.
    assert {part: names for part, names in told.items() if part in found} == found
    given = import_module(named(package))
    for part, names in found.items():
        home = import_module(f"{named(package)}.{part}")
        for name in names:
            assert getattr(given, name) is getattr(home, name)


@pytest.mark.parametrize("package", LAZY, ids=named)
def test_no_module_stands_in_a_names_place(package: Path) -> None:
    modules = {path.stem for path in package.iterdir()}
    assert modules & {name for names in parts(package).values() for name in names} == set()


def test_a_name_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("fleet.transport.diagnose", raising=False)
    transport = sys.modules["fleet.transport"]
    assert "diagnose" not in vars(transport)
    assert vars(transport)["diagnose" if transport.diagnose else ""] is transport.diagnose


def test_a_name_that_no_part_gives_is_none_of_the_packages() -> None:
    with pytest.raises(AttributeError, match=r"^module 'fleet.transport' has no attribute 'telnet'$"):
        lazily("fleet.transport", {"diagnosis": ["diagnose"]})("telnet")
