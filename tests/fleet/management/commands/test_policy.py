"""The policy as a file: out, in, seen before it is adopted, and refused where the page refuses it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from fleet.governance.policy import in_force
from fleet.models import PolicyVersion
from tests.builders import OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

LENIENT = "allowed_registries: [registry.internal]\nseverities:\n  no-memory-limit:\n    - severity: low\n"


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("policy", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "policy.yaml"
    path.write_text(LENIENT)
    return str(path)


def fleet() -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "checkout"}, memory=0), now=timezone.now())


def test_a_dry_run_says_who_would_change_and_keeps_nothing(file: str) -> None:
    fleet()
    told = said("import", file, "--dry-run")
    assert "at-risk -> ready" in told
    assert "checkout (production)" in told
    assert "1 service would change verdict." in told
    assert not PolicyVersion.objects.exists()


def test_a_file_becomes_a_draft_with_its_preview(file: str) -> None:
    fleet()
    assert "1 service would change verdict." in said("import", file, "--note", "ticket 4711")
    version = PolicyVersion.objects.get()
    assert (version.note, version.preview_state, version.adopted_at) == ("ticket 4711", "done", None)
    assert in_force().version is None


def test_adopted_at_once_it_is_in_force_and_exports_as_itself(file: str, tmp_path: Path) -> None:
    assert "is in force" in said("import", file, "--adopt")
    version = PolicyVersion.objects.get()
    assert (in_force().version, version.note) == (version.pk, "From policy.yaml.")
    again = tmp_path / "again.yaml"
    again.write_text(said("export"))
    assert again.read_text() == said("export", str(version.pk))
    assert "in force already" in said("import", str(again), "--adopt")
    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("severities: [", "line 2"),
        ("severities:\n  no-such-rule:\n    - severity: low\n", "there is no rule of that name"),
    ],
)
def test_what_the_page_refuses_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    with pytest.raises(CommandError, match=sentence):
        said("import", str(path), "--adopt")
    assert not PolicyVersion.objects.exists()


def test_a_file_that_is_not_there_or_not_text_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.yaml cannot be read"):
        said("import", str(tmp_path / "gone.yaml"))
    (tmp_path / "image.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match=r"image\.yaml is not text"):
        said("import", str(tmp_path / "image.yaml"))


def test_trying_and_adopting_exclude_each_other(file: str) -> None:
    with pytest.raises(CommandError, match="nothing to --adopt"):
        said("import", file, "--dry-run", "--adopt")


def test_a_version_that_is_none_is_named() -> None:
    with pytest.raises(CommandError, match="no version 7"):
        said("export", "7")


def test_the_schema_is_json() -> None:
    assert "severities" in json.dumps(json.loads(said("schema")))
