"""`./loadline findings`."""

from __future__ import annotations

import json
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def _run(*arguments: str) -> str:
    out = StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("findings", *arguments, stdout=out)
    return out.getvalue()


def test_json_is_a_list_of_findings_of_every_status() -> None:
    swept(host_row(), container(privileged=True))
    findings = json.loads(_run("--json"))
    assert {"fail", "pass"} <= {finding["status"] for finding in findings}


def test_json_of_no_findings_is_an_empty_list() -> None:
    assert json.loads(_run("--json")) == []


def test_filters_are_passed_on() -> None:
    swept(host_row("a"), container(name="bad", privileged=True))
    swept(host_row("b"), container(name="good"))
    findings = json.loads(_run("--json", "--status", "fail", "--rule", "privileged-container", "--host", "a"))
    assert [finding["subject"]["name"] for finding in findings] == ["bad"]
    assert json.loads(_run("--json", "--status", "fail", "--rule", "privileged-container", "--host", "b")) == []


def test_text_ends_with_a_count() -> None:
    swept(host_row(), container(privileged=True))
    text = _run("--rule", "privileged-container", "--container", "web")
    assert "fail" in text
    assert text.strip().endswith("1 finding")


def test_an_unknown_host_is_an_error_with_the_nearest_name() -> None:
    host_row("prod-01")
    with pytest.raises(CommandError, match="did you mean prod-01"):
        _run("--host", "prod-1")
