from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.utils import timezone

from dashboard.env import Environment
from dashboard.report_mail import deliver
from fleet.models import ReportMail, ReportSchedule
from fleet.models.report import FAILED, SENT, UNSURE, WAITING
from fleet.reports import document_kept, keep_report
from fleet.reports.mailing import ask_for_mail, queue_due, send_due
from fleet.reports.saying import as_text
from tests import servers
from tests.builders import NOW
from tests.certificates import issue, make_ca
from tests.mail_server import Mailbox, mail_server
from tests.migrated import copy_sqlite
from tests.mixed_fleet import mixed_fleet


def set_mail(settings: LazySettings, url: str) -> None:
    for name, value in Environment().mail_of("EMAIL_URL", url).items():
        setattr(settings, name, value)
    settings.EMAIL_CONFIGURED, settings.EMAIL_TIMEOUT = True, 5
    settings.DEFAULT_FROM_EMAIL = "Loadline <loadline@example.org>"
    settings.LOADLINE_URL = "https://loadline.example.org"


@pytest.fixture
def box(settings: LazySettings) -> Iterator[Mailbox]:
    with mail_server() as opened:
        set_mail(settings, f"smtp://127.0.0.1:{opened.port}")
        yield opened


def send(mail: ReportMail) -> None:
    deliver(mail, now=NOW)


def one(address: str = "carla@example.org") -> ReportMail:
    mail = ask_for_mail(address, NOW)
    send_due(NOW, send=send, only=[mail.pk])
    mail.refresh_from_db()
    return mail


@pytest.mark.django_db
def test_a_mail_has_the_same_sentences_as_text_and_with_links(box: Mailbox) -> None:
    mixed_fleet()
    kept = keep_report(NOW)
    assert one().state == SENT
    (mail,) = box.of("carla@example.org")
    plain, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
    document = document_kept(kept)
    for section in document["sections"]:
        for sentence in section["sentences"]:
            assert as_text(sentence) in plain
    assert "8 of 13 services run in containers in production" in mail["Subject"]
    assert 'href="https://loadline.example.org/services/?stage=production"' in html
    assert "https://loadline.example.org/report/2026-11-24/" in plain
    assert mail["From"] == "Loadline <loadline@example.org>"
    assert mail["Message-ID"].startswith("<report.2026-11-24.")
    assert "<script" not in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("says", "state", "words"),
    [
        ({"RCPT": "550 no such person"}, FAILED, "refuses the recipient: 550 no such person"),
        ({"MAIL": "530 sign in first"}, FAILED, "answers 530 sign in first"),
        ({".": "554 this looks like spam"}, FAILED, "answers 554 this looks like spam"),
        ({"GREETING": "554 not to you"}, FAILED, "answers 554 not to you"),
        ({"EHLO": "", "HELO": ""}, FAILED, "ended the connection"),
        ({".": ""}, UNSURE, "The connection broke while it was sent"),
    ],
)
def test_what_the_server_says_is_what_the_page_says(box: Mailbox, says: dict[str, str], state: str, words: str) -> None:
    box.says = says
    mail = one()
    assert (mail.state, words in mail.said) == (state, True), mail.said


@pytest.mark.django_db
def test_nobody_listens(settings: LazySettings) -> None:
    set_mail(settings, "smtp://127.0.0.1:1")
    mail = one()
    assert (mail.state, mail.said) == (FAILED, "127.0.0.1:1 cannot be reached: Connection refused")


@pytest.mark.django_db
def test_without_a_server_it_says_which_setting_is_missing(settings: LazySettings) -> None:
    settings.EMAIL_CONFIGURED = False
    assert one().said == "EMAIL_URL is not set, so no mail can be sent."


@pytest.mark.django_db
def test_a_server_that_is_not_known_gets_no_password(settings: LazySettings, tmp_path: Path) -> None:
    """Its certificate is nobody's that this machine trusts."""
    pem = tmp_path / "server.pem"
    authority = make_ca()
    made = issue(authority, "127.0.0.1")
    pem.write_text(made.key + made.certificate)
    for scheme, at_once in (("submission", False), ("smtps", True)):
        with mail_server(certificate=pem, at_once=at_once) as opened:
            set_mail(settings, f"{scheme}://me:hush@127.0.0.1:{opened.port}")
            mail = one(f"{scheme}@example.org")
            assert "cannot agree on TLS" in mail.said
            assert (mail.state, opened.mails, opened.logins) == (FAILED, [], 0)


def scheduled(*addresses: str) -> ReportSchedule:
    schedule = ReportSchedule(enabled=True, weekday=NOW.weekday(), hour=9, recipients=list(addresses))
    schedule.changed_at = NOW - timedelta(days=1)
    schedule.save()
    return schedule


@pytest.mark.django_db
def test_what_failed_for_now_is_tried_again_and_what_may_have_arrived_is_not(box: Mailbox) -> None:
    scheduled("a@example.org", "b@example.org")
    assert queue_due(NOW) == 2
    box.says = {"RCPT": "451 later"}
    assert send_due(NOW, send=send).failed == 2
    assert set(ReportMail.objects.values_list("state", flat=True)) == {WAITING}
    box.says = {".": ""}
    assert send_due(NOW + timedelta(minutes=4), send=send).failed == 0  # not yet
    assert send_due(NOW + timedelta(minutes=5), send=send).unsure == 2
    box.says = {}
    assert send_due(NOW + timedelta(hours=5), send=send).sent == 0
    assert [len(box.of(f"{name}@example.org")) for name in "ab"] == [1, 1]


@pytest.mark.django_db
def test_it_is_given_up_after_a_day(box: Mailbox) -> None:
    scheduled("a@example.org")
    queue_due(NOW)
    box.says = {"RCPT": "451 later"}
    at, tries = NOW, 0
    while ReportMail.objects.get().state == WAITING:
        at, tries = at + timedelta(minutes=5), tries + send_due(at, send=send).failed
        assert at < NOW + timedelta(days=2)
    assert ReportMail.objects.get().state == FAILED
    assert 5 < tries < 12


AT_ONCE, TURNS = 6, 2
#: Loads what a worker does once, and forks as one does. 1. Each child connects and says so. 2. Once all have, the gate
#: falls for all of them at the same moment: its other end was open in nobody but the parent.
SCRIPT = f"""
import os, django
django.setup()
import dashboard.urls
from dashboard.tasks import report_due
from django.db import connection

for turn in range({TURNS}):
    ready, say = os.pipe()
    gate, hold = os.pipe()
    children = []
    for number in range({AT_ONCE}):
        child = os.fork()
        if not child:
            os.close(hold)
            connection.ensure_connection()
            os.write(say, b"1")
            os.read(gate, 1)
            status = 1
            try:
                report_due()
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    os.close(say)  # one that failed shall not be waited for
    for _ in children:
        os.read(ready, 1)
    os.close(hold)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * {AT_ONCE}
"""


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_gets_one_mail_however_many_workers_send(tmp_path: Path, database: str) -> None:
    """Real processes on a real database and a real mail server, all of them at the same moment, and again."""
    addresses = [f"reader-{number}@example.org" for number in range(5)]
    with mail_server() as box:
        if database == "sqlite":
            copy_sqlite(tmp_path / "data")
            _send_at_once(tmp_path, box, addresses, {})
        else:
            with servers.postgresql_server(migrated=True) as server:
                _send_at_once(tmp_path, box, addresses, {"DATABASE_URL": server.url})
        assert Counter(to for to, _ in box.mails) == dict.fromkeys(addresses, 1)
        assert len({mail["Message-ID"] for _, mail in box.mails}) == len(addresses)


def _send_at_once(tmp_path: Path, box: Mailbox, addresses: list[str], more: dict[str, str]) -> None:
    environment = {
        "PATH": os.environ["PATH"], "LOADLINE_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "dashboard.settings", "EMAIL_URL": f"smtp://127.0.0.1:{box.port}",
        "EMAIL_FROM": "loadline@example.org", "LOADLINE_URL": "http://127.0.0.1", **more,
    }  # fmt: skip

    def run(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, *words], env=environment, cwd=settings.BASE_DIR)

    now = timezone.now()
    rows = f"""
from datetime import timedelta
from django.utils import timezone
from fleet.models import ReportSchedule
now = timezone.now()
ReportSchedule(enabled=True, weekday={now.weekday()}, hour={now.hour}, recipients={addresses},
               changed_at=now - timedelta(days=2)).save()
"""
    assert run("-c", f"import django; django.setup(){rows}").wait() == 0
    assert run("-c", SCRIPT).wait() == 0
