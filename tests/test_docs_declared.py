"""What people may declare stands in the documentation: labels, roles and every part of the policy, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fleet.readiness.catalogue import by_slug, rules
from fleet.readiness.policy import Policy, Thresholds, WaiverDays, Where
from fleet.tables.book import FRESH_DAYS, STALE_DAYS, USABLE_DAYS

ROOT = Path(__file__).resolve().parent.parent
LABELS = (ROOT / "docs" / "labels.md").read_text()
POLICY = (ROOT / "docs" / "policy.md").read_text()
VERDICTS = (ROOT / "docs" / "verdicts.md").read_text()
#: Where labels are read; engines that are only simulated write them.
READERS = sorted(
    path for name in ("inventory", "readiness", "reach", "tables") for path in (ROOT / "fleet" / name).rglob("*.py")
)
OURS = re.compile(r"(?:com\.)?(?:loadline|readiness)\.[a-z-]+(?:=[a-z]+)?")


def module_of(path: Path) -> dict[str, Any]:
    return vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")))


def texts_in(path: Path) -> Iterator[str]:
    """String constants, and f-strings of what the module itself knows."""
    names = module_of(path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            if all(isinstance(part, ast.Name) and isinstance(names.get(part.id), str) for part in parts):
                yield str(_worth(node, names))


def labels_read() -> set[str]:
    return {text for path in READERS for text in texts_in(path) if OURS.fullmatch(text)}


def roles_read() -> set[str]:
    """What any rule compares a subject's roles with."""
    found: set[str] = set()
    for path in (ROOT / "fleet" / "readiness" / "rules").rglob("*.py"):
        names = module_of(path)
        for node in ast.walk(ast.parse(path.read_text())):
            for side in _other_side(node):
                worth = _worth(side, names)
                found |= {worth} if isinstance(worth, str) else set(worth)
    return found


def _other_side(node: ast.AST) -> Iterable[ast.expr]:
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        return [node.left] if _is_roles(node.comparators[0]) else []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        return [one for one, other in ((node.left, node.right), (node.right, node.left)) if _is_roles(other)]
    return []


def _is_roles(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "roles") or (
        isinstance(node, ast.Name) and node.id == "roles"
    )


def _worth(node: ast.expr, names: Mapping[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<read>", "eval"), dict(names))


def first_cells(text: str, heading: str | None = None) -> set[str]:
    """Everything in backticks in the first column of the tables under a heading, or of all of them."""
    part = text if heading is None else text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_label_that_is_read_is_documented_and_every_documented_one_is_read() -> None:
    named = first_cells(LABELS) - first_cells(LABELS, "Roles")
    documented = {name for name in named if "." in name}  # the others are values
    assert documented == labels_read()
    assert {"loadline.service", "loadline.no-new-privileges=on"} <= documented


def test_every_role_that_spares_a_container_is_documented_and_no_other() -> None:
    documented = first_cells(LABELS, "Roles")
    assert documented == roles_read()
    assert {"edge", "job", "singleton", "serial"} <= documented


def test_the_rules_that_a_role_spares_are_rules_that_ask_for_it() -> None:
    sources = {rule.slug: (ROOT / f"{type(rule).__module__.replace('.', '/')}.py").read_text() for rule in rules()}
    table = LABELS.partition("\n## Roles\n")[2].partition("\n## ")[0]
    for line in (line for line in table.splitlines() if line.startswith("| `")):
        _, roles, _, spared, _ = line.split("|")
        for slug in re.findall(r"`([^`]+)`", spared):
            for role in re.findall(r"`([^`]+)`", roles):
                assert f'"{role}"' in sources[slug], f"{slug} does not ask for the role {role}"


@pytest.mark.parametrize("shape", [Policy, Where])
def test_every_part_of_the_policy_is_documented(shape: type[msgspec.Struct]) -> None:
    named = set(re.findall(r"`(\w+)`", POLICY))
    assert {field.name for field in msgspec.structs.fields(shape)} <= named


def test_the_defaults_of_thresholds_are_those_of_the_code() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", VERDICTS, flags=re.MULTILINE))
    assert {name: int(number) for name, number in told.items()} == msgspec.structs.asdict(Thresholds())


def test_the_ages_of_a_table_are_those_of_the_code() -> None:
    days = [
        int(number) for number in re.findall(r"^\| (?:a reference table)? *\| (\d+) days", VERDICTS, flags=re.MULTILINE)
    ]
    assert days == [STALE_DAYS, FRESH_DAYS, USABLE_DAYS]
    page = (ROOT / "templates" / "policy" / "policy.html").read_text()
    assert f"from {FRESH_DAYS} days on what passes by them counts half" in page


def test_the_days_of_a_waiver_are_those_of_the_code() -> None:
    days = msgspec.structs.asdict(WaiverDays())
    assert ", ".join(f"{severity} {number}" for severity, number in days.items()) in POLICY


def test_the_example_of_a_policy_is_one() -> None:
    text = re.search(r"```yaml\n(.+?)```", POLICY, flags=re.DOTALL)
    assert text
    policy = msgspec.convert(msgspec.yaml.decode(text[1]), Policy, strict=False)
    assert policy.thresholds.pillar_score == 75
    assert {*policy.severities, *policy.exemptions} <= by_slug().keys()


@pytest.mark.parametrize("name", ["verdicts.md", "labels.md", "policy.md", "waivers.md", "readiness.md"])
def test_every_rule_that_a_page_names_is_there(name: str) -> None:
    """Whatever is written like a slug and is none of the other words in backticks."""
    words = set(re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", (ROOT / "docs" / name).read_text()))
    assert words - by_slug().keys() == set()


def test_the_core_gates_are_named() -> None:
    part = VERDICTS.partition("\n## Core gates\n")[2].partition(" One of them unknown")[0]
    assert set(re.findall(r"`([a-z-]+)`", part)) == {rule.slug for rule in rules() if rule.core_gate}


def test_what_is_never_waived_is_named() -> None:
    part = (ROOT / "docs" / "waivers.md").read_text().partition("Never waived in production")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z-]+)`", part)) == {rule.slug for rule in rules() if rule.never_waived}


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_the_number_of_rules_is_that_of_the_code(name: str) -> None:
    assert re.findall(r"(\d+) rules in six pillars", (ROOT / name).read_text()) == [str(len(rules()))]


def test_a_departure_from_the_catalogue_names_rules_that_are_there() -> None:
    text = (ROOT / "docs" / "catalogue-deviations.md").read_text()
    named = set(re.findall(r"\b(?:NET|STO|TRU|RUN|RES|HRD|OWN)-\d{3}\b", text))
    assert named
    assert named <= {rule.catalogue for rule in rules()}
