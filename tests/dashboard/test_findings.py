from __future__ import annotations

import pytest

from dashboard.findings import evidence_pairs, grouped
from fleet.models.answers import Answers
from tests.builders import NOW, container
from tests.rows import host_row, swept


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not set"),
        (True, "true"),
        (0, "0"),
        ("", "empty"),
        ([], "empty"),
        (["a", "b"], "a, b"),
        ({"5432/tcp": "0.0.0.0:5432"}, "5432/tcp → 0.0.0.0:5432"),
        ({"data": {"Driver": "local", "host": "a"}}, "data → (Driver → local, host → a)"),
        ([{"Source": "/etc", "RW": True}], "Source → /etc, RW → true"),
        ([{"Source": "/etc"}, {"Source": "/srv"}], "(Source → /etc), (Source → /srv)"),
    ],
)
def test_evidence_reads_as_text(value: object, text: str) -> None:
    assert evidence_pairs({"Field": value}) == (("Field", text),)


@pytest.mark.django_db
def test_forty_containers_of_one_rule_are_one_group() -> None:
    swept(host_row(), *(container(id=f"{n:064x}", name=f"web-{n}", privileged=True) for n in range(40)))
    found = grouped(Answers().filter(rule="privileged-container"), now=NOW)
    assert [(group.slug, len(group.subjects)) for group in found.failing] == [("privileged-container", 40)]
    assert found.passing == found.unknown == found.not_applicable == []


@pytest.mark.django_db
def test_the_worst_stands_first() -> None:
    swept(host_row(), container(privileged=True, memory=0))
    found = grouped(Answers().filter(status="fail"), now=NOW)
    assert [group.severity for group in found.failing] == ["critical", "high", "medium"]
