from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.test import Client

from dashboard.roles import OPERATORS
from fleet.models import Day, Report, Service
from fleet.models.report import KeptReportError
from tests.builders import NOW
from tests.mixed_fleet import mixed_fleet
from tests.rows import host_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]

TODAY = NOW.date()


def past(days: int, *, services: int = 100, production: int = 40, ready: int = 20) -> Day:
    return Day.objects.create(
        day=TODAY - timedelta(days=days),
        services=services,
        stage_none=0,
        stage_experiment=0,
        stage_staging=services - production,
        stage_production=production,
        ready=ready,
        at_risk=0,
        not_ready=production - ready,
        unknown=0,
        hosts=4,
        hosts_answering=4,
        containers=100,
    )


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    text = re.sub(r"<[^>]+>", "", response.content.decode().partition('<article class="card sheet">')[2])
    return " ".join(text.replace("\u202f", " ").split())


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("olga")
    user.groups.add(Group.objects.get(name=OPERATORS))
    client.force_login(user)
    return client


def test_it_says_in_words_what_the_lists_say(viewer: Client) -> None:
    mixed_fleet()
    text = text_of(viewer, "/report/")
    print(text)
    assert "services run in containers in production" in text
