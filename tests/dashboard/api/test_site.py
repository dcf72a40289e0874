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
    asked = ("HostIn", "HostChange", "ImageRegistryIn", "ImageRegistryChange")
    answers = {name: schema for name, schema in schemas.items() if not name.startswith(asked)}
    assert "sealed" not in json.dumps(answers)
    # The key of a figure is its name.
    told = {name: set(schema.get("properties", {})) for name, schema in answers.items() if name != "FigureOut"}
    assert all(not {"key", "certificate", "password"} & names for names in told.values())
    # Whom to trust instead of the system's authorities is no secret; of hosts it is sealed with the rest.
    assert {name for name, names in told.items() if "ca" in names} == {"ImageRegistryOut", "MetadataServer"}
