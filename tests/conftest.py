"""What every test run shares: quick settings, and the list of what this machine could not test."""

from __future__ import annotations

import os
from collections import Counter

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    # Not this installation's collected files, and no hundred thousand rounds of hashing per made-up user.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_USE_FINDERS = True


def left_out(reporter: pytest.TerminalReporter) -> Counter[str]:
    """Reasons of skipped tests, with how many each kept from running."""
    reasons: Counter[str] = Counter()
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    return reasons


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = left_out(terminalreporter)
    if not reasons:
        return
    terminalreporter.section("Left out on this machine")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} test{'s' if count > 1 else ''}: {reason}")
    if os.environ.get("LOADLINE_TEST_REQUIRE") == "1":
        terminalreporter.line("LOADLINE_TEST_REQUIRE=1: nothing may be left out, so this run fails.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    # Test processes of xdist have no reporter; the one that collects their reports decides.
    if reporter and not hasattr(session.config, "workerinput") and os.environ.get("LOADLINE_TEST_REQUIRE") == "1":
        if left_out(reporter) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
