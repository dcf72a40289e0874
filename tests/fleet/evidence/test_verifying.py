"""A pack that left the house can be checked with nothing but Python's own library."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.evidence import document_of
from tests.fleet.evidence.test_packs import fleet, pack

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[3] / "docs" / "evidence.md"


def digest_by_the_documentation(text: str) -> str:
    program = re.search(r"python3 -c '(.+)' <pack\.json", PAGE.read_text())
    assert program, "docs/evidence.md has the program that checks a pack"
    done = subprocess.run([sys.executable, "-c", program[1]], input=text, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_program_of_the_documentation_finds_the_digest_of_a_downloaded_pack() -> None:
    fleet()
    made = pack()
    downloaded = json.dumps(document_of(made), indent=1, ensure_ascii=False)
    assert digest_by_the_documentation(downloaded) == made.digest


def test_a_pack_that_was_altered_has_another_digest() -> None:
    fleet()
    made = pack()
    altered = json.dumps(document_of(made)).replace("SYS_ADMIN", "SYS_CHAIR")
    assert digest_by_the_documentation(altered) != made.digest
