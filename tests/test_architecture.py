"""The house's own rules that no linter knows: size of files, mirrored paths, who may read the clock."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
LONGEST_VIEW = 25
CLOCKS = {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "time.time"}
CODE = sorted(
    path
    for folder in ("fleet", "dashboard", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:  # not a git checkout: an unpacked release has nothing untracked in it
        return [path for pattern in patterns for path in ROOT.rglob(pattern.lstrip("*/"))]
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


@pytest.mark.parametrize("pattern", ["*.py", "*.html", "*.css", "*.js", "*.sh"])
def test_no_file_is_longer_than_a_reader_can_hold(pattern: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked(pattern)
        if "migrations" not in path.parts
        and "vendor" not in path.parts
        and (lines := len(path.read_text().splitlines())) > LONGEST
    }
    assert long == {}


def test_every_module_says_why_it_exists() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in CODE
        if path.parts[len(ROOT.parts)] in {"fleet", "dashboard", "benchmarks"}
        and path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_only_the_doors_read_the_clock() -> None:
    """Use cases and rules take `now`; commands, tasks, pages and the supervisor may ask what time it is."""
    doors = ("fleet/management", "fleet/tasks.py", "fleet/admin", "fleet/simulation", "fleet/sweeping/sweep.py")
    guilty = []
    for path in CODE:
        name = str(path.relative_to(ROOT))
        if not name.startswith("fleet/") or name.startswith(doors):
            continue
        guilty += [
            f"{name}:{node.lineno} {ast.unparse(node)}"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute) and ast.unparse(node) in CLOCKS
        ]
    assert guilty == []


def test_every_page_has_its_tests_and_templates_where_they_are_looked_for() -> None:
    pages = {path.stem for path in (ROOT / "dashboard/pages").glob("*.py")} - {"__init__", "urls", "shell", "style"}
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    # Registering is about hosts and mappings are about the catalogue, and they stand in those folders.
    assert {page for page in pages if page not in folders} <= {"registering", "catalogue_mappings"}


def test_views_are_short() -> None:
    long = []
    for path in (ROOT / "dashboard/pages").glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if (
                path.stem != "style"
                and isinstance(node, ast.FunctionDef)
                and node.args.args
                and node.args.args[0].arg == "request"
            ):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_VIEW:
                    long.append(f"{path.name}:{node.name} {lines}")
    assert long == []


def test_test_modules_mirror_the_code() -> None:
    """tests/fleet/x/test_y.py stands for fleet/x/y.py or a package or a folder of that name."""
    stray = []
    for area in ("fleet", "dashboard"):
        for path in (ROOT / "tests" / area).rglob("test_*.py"):
            inside = path.relative_to(ROOT / "tests").parent / path.stem.removeprefix("test_")
            if not _stands_for_something(inside):
                stray.append(str(path.relative_to(ROOT)))
    assert sorted(stray) == []


#: Test modules that hold several parts together, and so stand for none of them alone.
ACROSS = {
    "hostile": "the job, the prover and the command against a registry that was taken over",
    "docs_attacks": "holds docs/trust.md to the tests that it names",
    "fuzzing": "spoils what every verifier reads",
    "every_page": "opens every page",
    "reconcile": "holds overview, adoption, lists, API and download against each other",
    "reconcile_answers": "the same of state, distance, doors, loss and lead time",
    "numbers": "walks from every number to the list behind it",
    "queries": "counts the queries of every page",
    "real_engine": "the same against a real engine",
    "contract": "holds the simulation to a real engine",
    "openapi": "holds docs/openapi.json to the API",
    "simulate": "really runs the command",
    "contract_swarm": "the same for a swarm",
    "up": "really runs ./loadline up",
    "recorded": "replies recorded from real engines",
    "coverage": "holds the rules to the numbers of the catalogue and of the CIS benchmark",
    "packs": "makes packs, writes them in every form, and works them out again",
    "proof": "the pages of fixes, changes, findings and evidence together",
    "windows": "what only the passing of time changes",
}


def _stands_for_something(inside: Path) -> bool:
    if inside.name == inside.parent.name:  # the package as a whole
        return (ROOT / inside.parent).is_dir()
    return (ROOT / inside).with_suffix(".py").exists() or (ROOT / inside).is_dir() or inside.name in ACROSS
