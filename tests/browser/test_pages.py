"""Every page in a real browser: nobody is kept out, nothing scrolls sideways, nothing complains."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from fleet.evidence import make_pack
from fleet.models import Container, Host
from fleet.registration import Entry, begin_trial, run_trial
from fleet.trust.states import State
from tests.browser.conftest import Visit, Visitor
from tests.builders import IMAGE_ID
from tests.mixed_fleet import mixed_fleet
from tests.publishers import publishers
from tests.trust_rows import WEB, found_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRAFT = UUID(int=1)
PAGES = {
    "overview": ["/", "/?stage=experiment", "/adoption/", "/search/?q=o"],
    "lists": ["/services/?stage=production", "/hosts/", "/containers/", "/hosts/?answer=never&team=nobody"],
    "details": ["/services/ledger-co/", "/services/mainframe/", "/hosts/prod-01/", "/hosts/prod-04/", "/containers/*/"],
    "forms": ["/hosts/add/", "/hosts/import/", "/hosts/prod-01/edit/", "/hosts/prod-01/remove/", "/hosts/trial/*/"],
    "pillars": [
        "/network/",
        "/network/map/",
        "/state/",
        "/trust/",
        "/runtime/?stage=none",
        "/resilience/",
        "/hardening/",
    ],
    "questions": [
        "/network/map/?host=prod-01",
        "/network/doors/",
        "/network/reach/",
        "/network/reach/?to=host:prod-01",
        "/network/ranges/prod-01/",
        "/what-if/",
        "/what-if/?host=prod-01",
        "/what-if/?host=nowhere",
    ],
    "trust": ["/trust/images/", "/trust/images/?state=no-policy", "/trust/images/*/", "/trust/images/*/unsigned"],
    "decide": ["/findings/", "/fix-next/?stage=any", "/fix-next/no-memory-limit/", "/waivers/", "/policy/edit/"],
    "publishers": [
        "/trust/roots/",
        "/trust/roots/payments/?from=1&to=2",
        "/trust/roots/add/?kind=notary",
        "/trust/roots/payments/edit/",
        f"/trust/roots/draft/{DRAFT}/",
        f"/trust/roots/candidate/{DRAFT}/",
        "/trust/roots/fetch/?root=payments",
        "/trust/roots/payments/disable/",
        "/trust/roots/payments/forget/?repository=registry.internal/payments/web",
    ],
    "registries": [
        "/trust/registries/",
        "/trust/registries/add/",
        "/trust/registries/registry.internal/",
        "/trust/registries/registry.internal/edit/",
        "/trust/registries/registry.internal/remove/",
    ],
    "report": ["/report/", "/report/mail/", "/holding-back/"],
    "prove": ["/changes/", "/policy/", "/evidence/", "/evidence/*/", "/doing/"],
    "rules": ["/rules/", "/rules/privileged-container/", "/rules/no-memory-limit/?status=pass", "/nowhere/"],
}


@pytest.fixture
def _fleet(transactional_db: None) -> None:
    mixed_fleet(timezone.now())
    publishers(trial=DRAFT, now=timezone.now())


def address(path: str) -> str:
    if path == "/containers/*/":
        return f"/containers/{Container.objects.order_by('pk')[0].pk}/"
    if path.startswith("/trust/images/*/"):
        if path.endswith("unsigned"):
            found_out(State.UNSIGNED, now=timezone.now())
        return f"/trust/images/{IMAGE_ID}/?name={WEB}"
    if path == "/evidence/*/":
        made = make_pack(scope="service", name="checkout", by=None, maker="carla", now=timezone.now())
        return f"/evidence/{made.pk}/"
    if path == "/hosts/trial/*/":
        entry = Entry(name="prod-09", url="tcp://127.0.0.1:1", environment="production", team="", engine="docker")
        trial = begin_trial(entry, by=None, now=timezone.now())
        run_trial(trial.pk, now=timezone.now())
        return f"/hosts/trial/{trial.pk}/"
    return path


def complaints(window: Visit) -> Iterator[str]:
    """What keeps somebody from using the page that is open now, in either theme and on a telephone."""
    # Without motion, lest the colours are measured on their way from one theme to the other.
    window.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    yield from (f"light: {violation}" for violation in window.violations())
    # The other theme is the same page in other colours.
    window.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield from (f"dark: {violation}" for violation in window.violations(only="color-contrast"))
    window.page.set_viewport_size({"width": 390, "height": 844})
    if window.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        yield "it scrolls sideways at 390 px"
    if window.page.evaluate("[...document.querySelectorAll('.list')].some(one => one.scrollWidth > one.clientWidth)"):
        yield "a list is wider than its card at 390 px"
    window.page.set_viewport_size({"width": 1440, "height": 900})
    yield from (said for said in window.complaints if "404 (Not Found)" not in said)
    window.complaints.clear()


@pytest.mark.usefixtures("_fleet")
@pytest.mark.parametrize("group", PAGES)
def test_a_page_keeps_nobody_out(visit: Visitor, group: str) -> None:
    window = visit()
    found = {}
    for path in PAGES[group]:
        window.open(address(path))
        found[path] = list(complaints(window))
    assert found == {path: [] for path in PAGES[group]}


@pytest.mark.usefixtures("_fleet")
def test_the_keyboard_finds_walks_opens_and_helps(visit: Visitor) -> None:
    page = visit().open("/services/")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("prod-02")
    page.keyboard.press("Enter")
    page.wait_for_url("**/hosts/prod-02/")
    page.goto(page.url.replace("/hosts/prod-02/", "/services/?sort=name"))
    for key in "jjk":
        page.keyboard.press(key)
    first = page.locator("[data-rows] tbody tr").first.locator("a").first
    expect(first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/services/archive/")


@pytest.mark.usefixtures("_fleet")
def test_a_sweep_shows_its_progress_until_it_is_done(visit: Visitor) -> None:
    page = visit().open("/hosts/prod-02/")
    page.get_by_role("button", name="Sweep now").click()
    progress = page.locator("#host-state .progress")
    expect(progress).to_contain_text("0 of 1")
    Host.objects.filter(name="prod-02").update(attempted_at=timezone.now())
    expect(progress).to_have_count(0, timeout=5000)


@pytest.mark.usefixtures("_fleet")
def test_lists_work_without_scripts(visit: Visitor) -> None:
    page = visit(scripts=False).open("/services/")
    page.locator("[name=verdict]").select_option("ready")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**verdict=ready**")
    expect(page.locator(".filter-chip")).to_contain_text("Verdict: Ready")


@pytest.mark.usefixtures("_fleet")
def test_a_telephone_folds_what_is_behind_the_answer_and_refreshing_leaves_it_as_it_is(visit: Visitor) -> None:
    page = visit(width=390).open("/resilience/")
    rules = page.locator("#pillar-rules")
    expect(rules.locator("table")).to_be_hidden()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(1000)
    expect(rules.locator("table")).to_be_hidden()
    rules.locator("summary").click()
    expect(rules.locator("table")).to_be_visible()
    expect(visit().open("/resilience/").locator("#pillar-rules table")).to_be_visible()
    expect(visit(width=390, scripts=False).open("/resilience/").locator("#pillar-rules table")).to_be_visible()
