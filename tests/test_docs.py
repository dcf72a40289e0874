"""The documentation is complete: what can be set or run stands in it, and nothing else does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

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


PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))

#: What scripts rely on: each with the words that must go on working.
COMMANDS = (
    "up", "test", "host add", "host import", "host list", "host test", "host remove", "sweep", "findings",
    "token create", "simulate",
)  # fmt: skip


def commands_there() -> set[str]:
    folders = (ROOT / "fleet", ROOT / "dashboard")
    files = [path for folder in folders for path in (folder / "management" / "commands").glob("*.py")]
    return {path.stem.replace("_", "-") for path in files} - {"--init--"}


def test_the_commands_that_scripts_rely_on_are_there() -> None:
    assert {name.split()[0] for name in COMMANDS} <= commands_there()


@pytest.mark.parametrize("name", sorted({*COMMANDS, *commands_there()}))
def test_every_command_is_documented(name: str) -> None:
    texts = [path.read_text() for path in PAGES if path.name != "CHANGELOG.md"]
    assert any(re.search(rf"\./loadline {name}\b", text) for text in texts)


def test_every_command_in_the_documentation_is_there() -> None:
    django = {"migrate", "changepassword"}
    named = {word for path in PAGES for word in re.findall(r"\./loadline ([a-z][a-z-]+)", path.read_text())}
    assert named <= commands_there() | django


def test_every_link_leads_to_a_file() -> None:
    dead = []
    for page in PAGES:
        targets = re.findall(r"\]\(([^)#\s]+)", page.read_text())
        dead += [f"{page.relative_to(ROOT)}: {target}" for target in targets if not is_there(page, target)]
    assert dead == []


def is_there(page: Path, target: str) -> bool:
    return target.startswith(("https://", "http://", "mailto:")) or (page.parent / target).exists()


def test_every_page_of_the_documentation_is_linked_from_another() -> None:
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if target.endswith(".md")
    }
    lonely = [str(page.relative_to(ROOT)) for page in PAGES if "docs" in page.parts and page.resolve() not in linked]
    assert lonely == []


def test_every_benchmark_has_its_figures() -> None:
    page = (ROOT / "docs" / "performance.md").read_text()
    there = {path.name for path in (ROOT / "benchmarks").glob("*.py")}
    assert there
    assert set(re.findall(r"benchmarks/(\w+\.py)", page)) == there


def test_decisions_are_numbered_without_a_gap_and_carry_their_number() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:5] for page in pages] == [f"{number:04}-" for number in range(1, len(pages) + 1)]
    for page in pages:
        assert page.read_text().startswith(f"# {page.name[:4]}: ")
        assert "**Decision.**" in page.read_text()


def test_every_requirement_says_why_it_is_there() -> None:
    for name in ("requirements.txt", "requirements-keyless.txt", "requirements-dev.txt"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-"))]
        assert lines
        assert [line for line in lines if not re.fullmatch(r"\S+==\S+ +# \w.{9,}", line)] == []
