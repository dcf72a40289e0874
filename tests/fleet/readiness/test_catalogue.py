from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from fleet.inventory import ContainerFacts, HostFacts, ImageFacts, NetworkFacts, VolumeFacts
from fleet.readiness import catalogue
from fleet.readiness.assess import judge
from fleet.readiness.rule import AnyRule
from fleet.readiness.subjects import (
    ContainerSubject,
    HostSubject,
    ImageSubject,
    Member,
    NetworkSubject,
    ServiceSubject,
    Subject,
    Surroundings,
    VolumeSubject,
)
from fleet.readiness.vocabulary import Pillar, Scope, Severity, Status
from tests.builders import (
    NOW,
    around,
    container_subject,
    host_subject,
    image_subject,
    network_subject,
    service_subject,
    volume_subject,
)
from tests.fleet.readiness.made_up import rule_class

ROOT = Path(__file__).parents[3]
RULES = catalogue.rules()
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)

SILENT = Surroundings(host=HostFacts(kind="docker"), now=NOW)
SILENT_CONTAINER = ContainerSubject(facts=ContainerFacts(id="c", name="web", inspected=False), around=SILENT)
SILENT_MEMBER = Member(facts=ContainerFacts(id="c", name="web", inspected=False), host="prod-01", fresh=False)
SILENT_SUBJECTS: dict[Scope, Subject] = {
    Scope.CONTAINER: SILENT_CONTAINER,
    Scope.HOST: HostSubject(around=SILENT),
    Scope.IMAGE: ImageSubject(facts=ImageFacts(id="sha256:1"), around=SILENT),
    Scope.NETWORK: NetworkSubject(facts=NetworkFacts(id="n", name="app"), around=SILENT),
    Scope.VOLUME: VolumeSubject(facts=VolumeFacts(name="data"), around=SILENT, users=(SILENT_CONTAINER,)),
    Scope.SERVICE: ServiceSubject(name="web", members=(SILENT_MEMBER,), now=NOW, all_hosts_answered=False),
}
HEALTHY_SUBJECTS: dict[Scope, Subject] = {
    Scope.CONTAINER: container_subject(around=around()),
    Scope.HOST: host_subject(),
    Scope.IMAGE: image_subject(),
    Scope.NETWORK: network_subject(),
    Scope.VOLUME: volume_subject(),
    Scope.SERVICE: service_subject(),
}


def test_the_core_gates_are_there() -> None:
    gates = {rule.slug for rule in RULES if rule.core_gate}
    assert gates >= {"privileged-container", "engine-socket-mounted", "sensitive-host-path", "engine-api-without-tls"}


def test_no_slug_and_no_catalogue_number_is_there_twice() -> None:
    for names in ([rule.catalogue for rule in RULES], [name for r in RULES for name in (r.slug, *r.formerly)]):
        assert [name for name, count in Counter(names).items() if count > 1] == []


@EVERY_RULE
def test_a_rule_is_written_to_be_shown(rule: AnyRule) -> None:
    assert re.fullmatch(r"(NET|STO|TRU|RUN|RES|HRD|OWN)-\d{3}", rule.catalogue)
    assert not rule.title.endswith(".")
    assert len(rule.title) <= 80
    assert rule.good.endswith(".")
    assert rule.facts
    assert rule.remedy.docker.strip()
    assert rule.remedy.compose.strip()


@EVERY_RULE
def test_a_title_states_the_problem_and_never_calls_a_rule_a_check(rule: AnyRule) -> None:
    assert rule.title[0].isupper() or rule.title.startswith("runc")
    assert not re.match(r"(?i)(check|ensure|verify|test)\b", rule.title)


@EVERY_RULE
def test_a_rule_tells_what_it_reads_why_it_matters_and_what_to_type(rule: AnyRule) -> None:
    text = rule.documentation
    for part in (text.looks_at, text.why, text.how_to_fix, text.may_break):
        assert len(part) >= 30, part
        assert part.endswith("."), part
    assert text.references
    assert all(len(reference) >= 6 for reference in text.references)
    assert len({text.looks_at, text.why, text.how_to_fix, text.may_break}) == 4


@EVERY_RULE
def test_a_rules_facts_are_named_in_what_it_looks_at(rule: AnyRule) -> None:
    """The page shows both, so a reader must find the one in the other."""
    told = re.sub(r"\s+", " ", rule.documentation.looks_at)
    words = [re.split(r"[.\[\]/ ]+", fact.strip("/ "))[-1] or fact for fact in rule.facts]
    assert any(word and word.lower() in told.lower() for word in words), (rule.facts, told)


@EVERY_RULE
def test_a_rule_has_a_test_module_of_its_own(rule: AnyRule) -> None:
    module = Path(*type(rule).__module__.split("."))
    assert (ROOT / "tests" / module.with_name(f"test_{module.name}.py")).is_file()


@EVERY_RULE
def test_a_rule_imports_no_other_rule(rule: AnyRule) -> None:
    source = Path(sys.modules[type(rule).__module__].__file__ or "").read_text()
    assert "fleet.readiness.rules" not in source


@EVERY_RULE
def test_an_engine_that_says_nothing_passes_no_rule(rule: AnyRule) -> None:
    (found,) = judge(SILENT_SUBJECTS[rule.scope], [rule])
    assert found.status is not Status.PASS
    assert found.reason != "The rule itself failed; see the log."


@EVERY_RULE
def test_nothing_healthy_fails_a_rule(rule: AnyRule) -> None:
    (found,) = judge(HEALTHY_SUBJECTS[rule.scope], [rule])
    assert found.status in {Status.PASS, Status.NOT_APPLICABLE} or found.blind, found.reason


def test_rules_stand_by_pillar_and_then_by_severity() -> None:
    places = [(list(Pillar).index(rule.pillar), list(Severity).index(rule.severity), rule.slug) for rule in RULES]
    assert places == sorted(places)


def test_former_slugs_still_find_their_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    renamed = rule_class(formerly=("old-name",))()
    monkeypatch.setattr(catalogue, "rules", lambda: (renamed,))
    assert catalogue.by_slug.__wrapped__() == {"made-up": renamed, "old-name": renamed}


@pytest.mark.parametrize("count", [0, 2])
def test_a_module_with_none_or_two_rules_is_refused(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    name = "fleet.readiness.rules.hardening.made_up"
    module = ModuleType(name)
    for number in range(count):
        setattr(module, f"Rule{number}", rule_class(module=name))
    monkeypatch.setitem(sys.modules, name, module)
    with pytest.raises(TypeError, match=f"must define exactly one rule, it defines {count}"):
        catalogue._rule_in(name)


def test_each_scope_has_only_its_own_rules() -> None:
    by_scope = {scope: catalogue.for_scope(scope) for scope in Scope}
    assert sum(map(len, by_scope.values())) == len(RULES)
    assert all(rule.scope is scope for scope, rules in by_scope.items() for rule in rules)


def test_the_version_is_short_and_hexadecimal() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", catalogue.version())


def test_the_example_in_the_guide_is_a_rule_that_works() -> None:
    guide = (ROOT / "docs" / "adding-a-rule.md").read_text()
    example = re.search(r"```python\n(\"\"\".*?)```", guide, re.DOTALL)
    assert example is not None
    module = ModuleType("fleet.readiness.rules.hardening.read_write_root")
    exec(compile(example[1], "adding-a-rule.md", "exec"), module.__dict__)
    rule = module.__dict__["ReadWriteRoot"]()
    assert rule.slug == "read-write-root"
    assert rule.judge(container_subject(readonly_root=False)).status is Status.FAIL
    assert rule.judge(container_subject(readonly_root=True)).status is Status.PASS
