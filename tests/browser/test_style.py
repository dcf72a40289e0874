from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_component_keeps_anybody_out(visit: Visitor, theme: str, width: int) -> None:
    window = visit(width=width, theme=theme)
    window.open("/style/")
    assert window.violations() == []
    assert window.complaints == []


def test_what_keeps_somebody_out_is_seen(visit: Visitor) -> None:
    window = visit()
    window.open("/style/").evaluate("""() => {
        const pale = Object.assign(document.createElement("p"), { textContent: "hardly to be read" });
        pale.style.color = "rgb(200, 200, 200)";
        pale.style.backgroundColor = "white";
        document.querySelector("main").append(document.createElement("img"), pale);
    }""")
    assert sorted(line.partition(":")[0] for line in window.violations()) == ["color-contrast", "image-alt"]
    assert [line.partition(":")[0] for line in window.violations(only="color-contrast")] == ["color-contrast"]


@pytest.mark.parametrize("width", [320, 390, 768, 1440, 2200])
def test_no_width_scrolls_sideways(visit: Visitor, width: int) -> None:
    page = visit(width=width).open("/style/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_chosen_theme_outlives_the_page(visit: Visitor) -> None:
    page = visit().open("/style/")
    toggle = page.locator(".rail-body [data-theme-toggle]")
    toggle.click()
    toggle.click()
    page.reload()
    expect(toggle).to_have_text("Dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 22, 32)"


def test_the_system_theme_needs_no_script(visit: Visitor) -> None:
    light, dark = visit(scripts=False).open("/style/"), visit(scripts=False, theme="dark").open("/style/")
    assert light.screenshot() != dark.screenshot()


def test_the_menu_of_a_narrow_screen_opens_without_scripts(visit: Visitor) -> None:
    page = visit(width=390, scripts=False).open("/style/")
    link = page.locator(".drawer a", has_text="Services")
    expect(link).to_be_hidden()
    page.locator(".drawer summary").click()
    expect(link).to_be_visible()


def test_the_keyboard_finds_walks_and_helps(visit: Visitor) -> None:
    page = visit().open("/style/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-rows] tbody tr").nth(1).locator("a").first).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("j?")
    expect(page.locator("#find")).to_have_value("j?")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def test_single_key_shortcuts_can_be_turned_off(visit: Visitor) -> None:
    page = visit().open("/style/")
    page.locator(".rail-body [data-help]").click()
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#find")).not_to_be_focused()


def test_g_and_a_letter_go_to_a_list(visit: Visitor) -> None:
    page = visit().open("/style/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/hosts/")


def test_a_command_is_copied_whole(visit: Visitor) -> None:
    window = visit()
    page = window.open("/style/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".copyable [data-copy]").click()
    expect(page.locator(".copyable [data-copy-word]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("sha256:ab12cd34ef56ab78")


def test_the_arrows_walk_the_hosts_that_tab_passes_over(visit: Visitor) -> None:
    page = visit().open("/style/")
    cells = page.locator("[data-cells]").first.locator("a")
    cells.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(cells.nth(1)).to_be_focused()
    expect(cells.nth(0)).to_have_attribute("tabindex", "-1")


def test_a_choice_filters_at_once_and_leaves_empty_fields_out_of_the_address(visit: Visitor) -> None:
    page = visit().open("/style/?sort=-containers&page=2")
    page.locator("[data-autosubmit] [name=team]").select_option("payments")
    page.wait_for_url("**/style/?sort=-containers&team=payments")


def test_the_ages_words_are_those_of_the_server(visit: Visitor) -> None:
    page = visit().open("/style/")
    said = page.evaluate(
        """async () => {
            const { age } = await import(document.querySelector("script[src*='time']").src);
            return [0, 1, 14, 89, 90, 3599, 3600, 86399, 432000, -180].map(age);
        }"""
    )
    assert said == [
        "just now", "just now", "14 s ago", "89 s ago", "1 min ago", "59 min ago", "1 h ago", "23 h ago", "5 d ago",
        "in 3 min",
    ]  # fmt: skip


def test_live_refresh_swaps_what_changed_and_can_be_paused(visit: Visitor) -> None:
    page = visit().open("/style/")
    toggle, progress = page.locator(".rail-body [data-live-toggle]"), page.locator("#live-sample .progress")
    expect(progress).to_contain_text("8 of 14")
    page.route("**/style/", advanced)
    toggle.click()
    expect(toggle).to_have_text("Paused")
    expect(progress).to_contain_text("8 of 14")
    toggle.click()
    expect(progress).to_contain_text("9 of 14")


def test_live_refresh_leaves_alone_what_did_not_change(visit: Visitor) -> None:
    page = visit().open("/style/")
    page.evaluate("document.querySelector('#fleet-sample .fleet').dataset.kept = 'yes'")
    with page.expect_response("**/style/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(200)
    expect(page.locator("#fleet-sample .fleet")).to_have_attribute("data-kept", "yes")


def test_a_session_that_ended_stops_the_asking(visit: Visitor) -> None:
    page = visit().open("/style/")
    page.context.clear_cookies()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".rail-body [data-live-toggle]")).to_have_text("Signed out")


def advanced(route: Route) -> None:
    reply = route.fetch()
    route.fulfill(response=reply, body=reply.text().replace("8 of 14", "9 of 14"))
