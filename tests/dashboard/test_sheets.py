from __future__ import annotations

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(User.objects.create_user("viewer"))
    return client


def rows(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_a_download_has_every_page_of_the_filtered_rows(reader: Client) -> None:
    many = [container(id=f"{n:064x}", name=f"web-{n}", privileged=n < 60) for n in range(70)]
    swept(host_row(), *many, now=NOW)
    assert len(rows(reader, "/containers/?format=csv")) == 70
    assert {row["Container"] for row in rows(reader, "/containers/?format=csv&q=web-69")} == {"web-69"}


@pytest.mark.parametrize("page", ["services", "hosts", "containers"])
def test_verdicts_are_words_and_no_markup(reader: Client, page: str) -> None:
    swept(host_row(), container(privileged=True))
    (row,) = rows(reader, f"/{page}/?format=csv")
    assert row["Verdict"] in {"ready", "at-risk", "not-ready", "unknown"}
    assert "hardening" in ",".join(row.values())
    assert "<" not in "".join(row.values())


def test_a_name_that_a_spreadsheet_would_run_is_only_text(reader: Client) -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": '=HYPERLINK("http://evil")'}))
    (row,) = rows(reader, "/services/?format=csv")
    assert row["Service"].startswith("'=")


def test_a_download_wants_a_sign_in(client: Client) -> None:
    assert client.get("/services/?format=csv").status_code == 302
