from __future__ import annotations

import json
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from fleet.models import Report
from tests.builders import NOW
from tests.mixed_fleet import mixed_fleet

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("report", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_what_the_page_says() -> None:
    mixed_fleet()
    assert "8 of 13 services run in containers in production" in said()
    assert json.loads(said("--json"))["day"] == "2026-11-24"
    assert said("--csv").startswith("day,section,figure,value,in")


def test_what_it_keeps_it_prints_again() -> None:
    mixed_fleet()
    kept = said("--keep")
    assert Report.objects.count() == 1
    assert said("2026-11-24") == kept


def test_it_mails_what_is_due() -> None:
    assert said("--mail") == "0 sent, 0 failed, of 0 nobody knows\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tomorrow"], "tomorrow is no day such as 2026-11-23"),
        (["2026-11-01"], "No report was kept of 2026-11-01"),
        (["2026-11-01", "--keep"], "Only today's report is kept"),
    ],
)
def test_what_it_cannot_do_is_named(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        said(*arguments)
