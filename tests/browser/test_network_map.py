"""The map in a real browser, with the letters it really uses."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboard.charts.map_marks import SHEETS
from fleet.inventory.plain import to_plain
from fleet.models import Count
from tests.browser.conftest import Visitor
from tests.dashboard.charts.fleets import random_fleet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Pairs of texts that can be seen and whose letters touch.
TOUCHING = """() => {
    const seen = [...document.querySelectorAll(".map text")].filter((one) => one.getClientRects().length);
    const boxes = seen.map((one) => [one.textContent, one.getBoundingClientRect()]);
    const found = [];
    for (let i = 0; i < boxes.length; i++)
        for (let j = i + 1; j < boxes.length; j++) {
            const [a, b] = [boxes[i][1], boxes[j][1]];
            // A box is as high as the letters' line, which reaches over what is drawn of them.
            const deep = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
            if (deep && wide) found.push([boxes[i][0], boxes[j][0]]);
        }
    return { texts: seen.length, found };
}"""


@pytest.fixture
def _kept(transactional_db: None) -> None:
    """A map of a hundred services with everything on it, as if it had been counted."""
    from django.utils import timezone

    Count.objects.create(name="map", at=timezone.now(), data=to_plain(random_fleet(100)))


def opened(visit: Visitor, *, width: int = 1440, scripts: bool = True) -> Page:
    return visit(width=width, scripts=scripts).open("/network/map/")


@pytest.mark.usefixtures("_kept", "kept_counts")
def test_one_drawing_fits_each_width_and_no_letters_touch(visit: Visitor) -> None:
    page = opened(visit)
    for width, sheet in zip((1440, 1024, 390), SHEETS, strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        shown = page.locator(".map").evaluate_all(
            "all => all.filter((one) => one.offsetWidth).map((one) => one.className)"
        )
        assert shown == [f"map {sheet.name}"]
        seen = page.evaluate(TOUCHING)
        assert seen["texts"] > 100
        assert seen["found"] == []


@pytest.mark.usefixtures("_kept", "kept_counts")
def test_pointing_at_a_service_lets_what_it_is_not_on_step_back(visit: Visitor) -> None:
    page = opened(visit)
    berth = page.locator(".map.wide .berth.outward").first
    berth.locator("a").first.hover()
    expect(berth).to_have_class("berth every outward lit")
    expect(page.locator(".map.wide .berth.lit")).to_have_count(1)
    lit = page.locator(".map.wide .network.lit").evaluate_all("all => all.map((one) => one.dataset.rail)")
    assert set(lit) == set((berth.get_attribute("data-on") or "").split())
    page.locator("h1").hover()
    expect(page.locator(".map.tracing")).to_have_count(0)


@pytest.mark.usefixtures("_kept", "kept_counts")
def test_it_is_whole_without_scripts(visit: Visitor) -> None:
    page = opened(visit, scripts=False)
    expect(page.locator(".map.wide svg").first).to_be_visible()
    page.locator(".map.wide .chip-team").first.click()
    page.wait_for_url("**/network/map/?**")
