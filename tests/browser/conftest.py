"""Chromium for the browser tests, signed in and listening for what a page must never say."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

#: The first is the same browser without a window to draw, at half of the processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Playwright keeps an event loop running in this thread, which Django takes for asynchronous code and asyncio for
    its own; so it lives no longer than its module.
    """
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page with what its console complained of, such as a breach of the Content-Security-Policy."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def violations(self, only: str = "") -> list[str]:
        """What axe-core finds, one line each; by one of its rules or by all."""
        # Selectors that nobody reads, what holds, and loading axe twice on a page took a third of these tests.
        options: dict[str, object] = {"resultTypes": ["violations"], "selectors": False}
        if only:
            options["runOnly"] = [only]
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("options => axe.run(options).then(({ violations }) => violations)", options)
        return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


Visitor = Callable[..., Visit]


@pytest.fixture
def admin_session(transactional_db: None) -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("imke"))
    return client.cookies["loadline_session"].value


@pytest.fixture
def visit(live_server: LiveServer, admin_session: str, chromium: Browser) -> Iterator[Visitor]:
    """`visit(width=390, theme="dark", scripts=False)` opens a window, signed in as an admin."""
    contexts = []

    def begin(*, width: int = 1440, height: int = 900, theme: str = "light", scripts: bool = True) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_cookies([{"name": "loadline_session", "value": admin_session, "url": live_server.url}])
        begun = Visit(context.new_page(), live_server.url)
        begun.page.on("console", lambda said: begun.complaints.append(said.text) if said.type == "error" else None)
        begun.page.on("pageerror", lambda error: begun.complaints.append(str(error)))
        return begun

    yield begin
    for context in contexts:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")  # a page refreshes itself: one of them may be on its way
        context.close()
