"""The manager's page prints to one sheet of A4, whatever there is to say."""

from __future__ import annotations

import gzip
import hashlib
import io

import msgspec
import pytest
from django.utils import timezone
from pypdf import PdfReader

from fleet.models import Report
from fleet.reports.words import document_of
from tests.browser.conftest import Visitor
from tests.fleet.reports.knowns import DAY, full
from tests.mixed_fleet import mixed_fleet, one
from tests.rows import host_row, swept

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def pages(visit: Visitor, path: str) -> list[str]:
    """The text of each page of paper."""
    paper = visit().open(path).pdf(prefer_css_page_size=True, print_background=True)
    read = PdfReader(io.BytesIO(paper))
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in read.pages} == {(595, 842)}
    return [page.extract_text() for page in read.pages]


def test_a_fleet_of_three_and_one_of_everything_is_one_sheet(visit: Visitor) -> None:
    now = timezone.now()
    swept(host_row("small"), one("shop", 101), one("blog", 102), one("wiki", 103), now=now)
    assert len(pages(visit, "/report/")) == 1
    mixed_fleet(now)
    (paper,) = pages(visit, "/report/")
    assert "What we do not know" in paper
    assert "Keep it as it is now" not in paper


def test_the_fullest_report_is_one_sheet(visit: Visitor) -> None:
    """Long names, everything moved, every table full, nothing known for sure."""
    encoded = msgspec.json.encode(document_of(full()))
    digest = hashlib.sha256(encoded).hexdigest()
    Report.objects.create(day=DAY, made_at=timezone.now(), digest=digest, document=gzip.compress(encoded))
    (paper,) = pages(visit, f"/report/{DAY}/")
    for words in ("What holds us back", "What we do not know", "By team", digest[:16]):
        assert words in paper
