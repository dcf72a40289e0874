"""Templates, style sheets and scripts keep what the Content-Security-Policy and the house ask of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ASSETS = sorted(path for path in (ROOT / "dashboard/static/loadline").iterdir() if path.suffix in {".css", ".js"})
# A drawing inside the sheet: the policy allows data: for images, and the name of SVG is no address to fetch.
OWN_DRAWING = re.compile(r"""url\("data:image/svg\+xml,[^"]*"\)""")
BARE = {"plate.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_has_nothing_inline(path: Path) -> None:
    text = path.read_text()
    # Mail has no style sheets, and is shown here only in a frame with a policy of its own.
    if path != ROOT / "templates" / "report" / "mail.html":
        assert not re.search(r"<style|\sstyle\s*=", text)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", text)
    assert not re.search(r"hx-on|hx-vals\s*=\s*['\"]js:|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_fetches_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"(?:src|href|action|data|hx-\w+)\s*=\s*[\"']?(?:https?:)?//", path.read_text())


@pytest.mark.parametrize("path", ASSETS, ids=named)
def test_a_style_sheet_or_script_fetches_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"https?://|@import|url\(|eval\(|new Function", OWN_DRAWING.sub("", path.read_text()))


@pytest.mark.parametrize("path", sorted((ROOT / "templates/components").glob("*.html")), ids=named)
def test_a_component_says_what_it_takes(path: Path) -> None:
    text = re.sub(r"^(?:\{% load [^%]+%\}\s*)+", "", path.read_text())
    assert re.match(r"\{# [A-Z].+\. #\}\n", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_compiles(path: Path) -> None:
    get_template(path.relative_to(ROOT / "templates").as_posix())


@pytest.mark.parametrize("path", [*TEMPLATES, *ASSETS], ids=named)
def test_a_file_stays_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("name", sorted(BARE - {"plate.html"}))
def test_an_error_page_needs_no_context(name: str) -> None:
    assert "<h1>" in get_template(name).render({})
