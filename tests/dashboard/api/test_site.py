"""The OpenAPI document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from dashboard.api.site import openapi_document

COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.json"


def test_the_committed_document_is_the_generated_one() -> None:
    assert json.loads(COMMITTED.read_text()) == openapi_document(), "run ./loadline openapi > docs/openapi.json"


@pytest.mark.django_db
def test_it_reads_without_a_sign_in() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == openapi_document()


@pytest.mark.django_db
def test_there_is_no_page_that_would_fetch_its_scripts_from_elsewhere() -> None:
    assert Client().get("/api/v1/docs").status_code == 404


def test_every_operation_but_the_document_wants_a_token() -> None:
    document = openapi_document()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("security"), f"{method} {path}"


def test_nothing_sealed_is_in_any_answer() -> None:
    schemas = openapi_document()["components"]["schemas"]
    answers = {name: schema for name, schema in schemas.items() if not name.startswith(("HostIn", "HostChange"))}
    assert "sealed" not in json.dumps(answers)
    named = {name for name, one in answers.items() if {"key", "certificate", "ca"} & set(one.get("properties", {}))}
    assert named <= {"FigureOut"}  # whose key is its name in addresses
