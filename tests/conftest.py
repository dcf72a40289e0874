"""What every test run shares: quick settings, and the list of what this machine could not test."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator
from importlib import import_module

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer

from fleet.garbage import collect_seldom
from tests import migrated
from tests.scheduling import LongFirst

pytest_plugins = ["tests.engines.fixtures"]


# Tests are fourteen thousand and no garbage: looking for some among them was an eighth of collecting them.
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    # Not this installation's collected files, and no hundred thousand rounds of hashing per made-up user.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Each test's client would list all static files first, and hardly one asks for any: they are found when asked for.
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    # A page under test that enqueues a sweep must not reach a worker that happens to run here.
    settings.LOADLINE_ALLOWED_REGISTRIES = ("registry.internal", "docker.io")  # somebody has decided
    settings.CELERY_BROKER_URL, settings.EMBEDDED_BROKER = "memory://", False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before `-m` is looked at: which tests touch the database, so that those alone run on a second one."""
    for item in items:
        if item.get_closest_marker("django_db") or "django_db_setup" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """As in processes that answer pages: what is there is left alone, and the rest is looked through seldom."""
    gc.enable()
    collect_seldom()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongFirst | None:
    return LongFirst(config, log) if config.getvalue("dist") == "loadfile" else None


# On a machine that others keep busy the time of one example says nothing.
hypothesis.settings.register_profile("loadline", deadline=None)
hypothesis.settings.load_profile("loadline")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Each test process would migrate a database of its own; that migrations end in these tables is seen elsewhere."""
    from django.db import connection

    with django_db_blocker.unblock():
        copy = migrated.copied_to(connection)
        copy.__enter__()
    yield
    copy.__exit__(None, None, None)


@pytest.fixture(scope="session", autouse=True)
def _first_environments_outlive_a_flush() -> None:
    """A test that commits is cleaned up by emptying every table, those that a migration filled included."""
    from django.apps import apps
    from django.db.models.signals import post_migrate

    def refill(**_kwargs: object) -> None:
        first = import_module("fleet.migrations.0002_first_environments").FIRST
        environment = apps.get_model("fleet", "Environment")
        rows = [environment(name=name, slug=slug, stage=stage, position=at) for name, slug, stage, at in first]
        environment.objects.bulk_create(rows, ignore_conflicts=True)

    post_migrate.connect(refill, sender=apps.get_app_config("fleet"), weak=False)


@pytest.fixture(autouse=True)
def _counted_on_request(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a test come without anybody who counts them; tests of the counts themselves say `kept_counts`."""
    if "kept_counts" not in request.fixturenames:
        monkeypatch.setattr("fleet.counting._trusted", lambda *_: False)


@pytest.fixture
def kept_counts() -> None:
    """Counts stay as they were taken, as in an installation."""


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
    if not hasattr(session.config, "workerinput"):
        migrated.drop_template()
    # Test processes of xdist have no reporter; the one that collects their reports decides.
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    required = os.environ.get("LOADLINE_TEST_REQUIRE") == "1"
    if required and reporter and session.exitstatus == pytest.ExitCode.OK and left_out(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
