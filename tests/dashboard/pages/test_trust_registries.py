"""Registries as pages: what is entered, what is never shown again, and what comes of trying them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from kombu.exceptions import OperationalError

from dashboard import queueing
from fleet.models import ImageRegistry, TrustTrial
from fleet.proving import run_trust_trial
from fleet.proving.registries import registered
from tests.builders import NOW
from tests.certificates import make_ca
from tests.fleet.trust.servers import Reply, serving
from tests.publishers import HOST, publishers

pytestmark = pytest.mark.django_db
SECRET = "hunter2-very-secret"
FORM = {"host": HOST, "private": "on", "username": "robot", "password": SECRET}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker that works at once."""
    monkeypatch.setattr(
        queueing.try_trust, "apply_async", lambda kwargs, **_: run_trust_trial(kwargs["trial"], now=NOW)
    )
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker takes anything up."""
    monkeypatch.setattr(queueing.try_trust, "apply_async", lambda **_: None)


def signed_in(**told: Any) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("carla" if told else "vera", **told))
    return client


@pytest.fixture
def admin() -> Client:
    return signed_in(is_staff=True)


def text(reply: Any) -> str:
    return str(reply.content.decode())


def test_without_any_the_page_says_what_to_do_and_which_one_is_missing(admin: Client) -> None:
    assert "No registry yet" in text(admin.get("/trust/registries/"))
    publishers()
    ImageRegistry.objects.all().delete()
    page = text(admin.get("/trust/registries/"))
    assert f'<a href="/trust/registries/add/?host={HOST}">{HOST}</a>' in page
    assert f'value="{HOST}"' in text(admin.get(f"/trust/registries/add/?host={HOST}"))


def test_readers_see_registries_without_forms() -> None:
    publishers()
    viewer = signed_in()
    page = text(viewer.get("/trust/registries/")) + text(viewer.get(f"/trust/registries/{HOST}/"))
    assert "robot" in page
    for forbidden in ("edit/", "remove/", "try/", "/add/", "hunter2"):
        assert forbidden not in page


def test_a_registry_is_stored_and_tried_and_says_what_came_of_it(admin: Client) -> None:
    with serving(lambda *_: Reply(404)) as server:
        form = {"host": server.host, "private": "on", "plain": "on"}
        page = text(admin.post("/trust/registries/add/", form, follow=True))
        assert [one.path for one in server.asked] == ["/v2/"]
    assert "It cannot be read as it is registered." in page
    assert "it has no /v2/" in page


@pytest.mark.usefixtures("idle")
def test_a_password_leaves_no_trace_but_a_sealed_one(admin: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0):
        pages = [
            text(admin.post("/trust/registries/add/", {**FORM, "realms": "https://x"})),
            text(admin.post("/trust/registries/add/", FORM, follow=True)),
            text(admin.get(f"/trust/registries/{HOST}/edit/")),
            text(admin.post(f"/trust/registries/{HOST}/edit/", {**FORM, "realms": "https://x"})),
            text(admin.get("/trust/registries/")),
        ]
    row = ImageRegistry.objects.get()
    trail = str([one.__dict__ for one in LogEntry.objects.all()])
    for place in (*pages, caplog.text, trail, *(str(one.get_decoded()) for one in Session.objects.all())):
        assert SECRET not in place
        assert row.sealed_password not in place
    told = registered(HOST)
    assert told is not None
    assert told.password == SECRET
    assert "password" in trail


@pytest.mark.usefixtures("idle")
def test_an_edit_keeps_the_password_that_is_left_empty_and_drops_it_with_the_name(admin: Client) -> None:
    admin.post("/trust/registries/add/", FORM)
    address = f"/trust/registries/{HOST}/edit/"
    assert "One is stored" in text(admin.get(address))
    admin.post(address, {"private": "on", "username": "robot2"})
    assert ImageRegistry.objects.get().username == "robot2"
    told = registered(HOST)
    assert told is not None
    assert told.password == SECRET
    page = text(admin.post(address, {"private": "on", "username": "robot2", "realms": "auth.internal"}))
    assert "enter it again" in page
    assert re.search(r'id="id_password_error">The password would go elsewhere', page)
    admin.post(address, {"private": "on", "username": ""})
    row = ImageRegistry.objects.get()
    assert (row.username, row.sealed_password) == ("", "")


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"host": ""}, "host", "Name the registry"),
        ({"host": "https://registry.internal"}, "host", "is no registry"),
        ({"host": "index.docker.io"}, "host", "docker.io"),
        ({"password": ""}, "password", "one of them is missing"),
        ({"username": ""}, "username", "one of them is missing"),
        ({"plain": "on", "private": ""}, "plain", "plain http"),
        ({"realms": "auth.internal\nhttps://x"}, "realms", "no host that keeps tokens"),
        ({"ca": "nothing"}, "ca", "no PEM block"),
        ({"ca": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}, "ca", "burnt"),
    ],
)
def test_an_error_names_the_field_and_the_remedy(admin: Client, change: dict[str, str], field: str, why: str) -> None:
    given = {name: value for name, value in {**FORM, **change}.items() if value or name not in {"private", "plain"}}
    page = text(admin.post("/trust/registries/add/", given))
    found = re.search(rf'id="id_{field}_error">([^<]*)', page)
    assert found, page
    assert why in found[1]
    assert not ImageRegistry.objects.exists()


@pytest.mark.usefixtures("idle")
def test_one_that_is_registered_already_is_not_set_anew_by_adding_it(admin: Client) -> None:
    publishers()
    page = text(admin.post("/trust/registries/add/", {"host": HOST, "ca": make_ca().pem}))
    assert "registered already" in page
    assert ImageRegistry.objects.get().username == "robot"


@pytest.mark.usefixtures("idle")
def test_a_try_is_waited_for_and_a_missing_worker_is_said(admin: Client) -> None:
    publishers()
    TrustTrial.objects.all().delete()
    page = text(admin.post(f"/trust/registries/{HOST}/try/", follow=True))
    assert 'http-equiv="refresh"' in page
    with time_machine.travel(NOW.replace(hour=NOW.hour + 1), tick=False):
        assert "No answer from the workers" in text(admin.get(f"/trust/registries/{HOST}/"))


def test_without_a_queue_a_try_says_so(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: Any) -> None:
        raise OperationalError

    publishers()
    TrustTrial.objects.all().delete()
    monkeypatch.setattr(queueing.try_trust, "apply_async", away)
    assert "the queue does not answer" in text(admin.post(f"/trust/registries/{HOST}/try/", follow=True))
    assert not TrustTrial.objects.exists()


def test_a_registry_is_removed_after_a_word(admin: Client) -> None:
    publishers()
    assert "password is forgotten" in text(admin.get(f"/trust/registries/{HOST}/remove/"))
    assert ImageRegistry.objects.exists()
    admin.post(f"/trust/registries/{HOST}/remove/")
    assert not ImageRegistry.objects.exists()
    line = LogEntry.objects.filter(content_type__model="imageregistry").order_by("-pk")[0]
    assert (line.action, line.actor.get_username(), line.object_repr) == (LogEntry.Action.DELETE, "carla", HOST)
    assert "sealed_password" not in (line.changes or {})


@pytest.mark.parametrize("host", ["nobody", "%00", "9" * 300])
def test_a_registry_that_is_not_there_is_not_found(admin: Client, host: str) -> None:
    for page in ("", "edit/", "remove/"):
        assert admin.get(f"/trust/registries/{host}/{page}").status_code == 404
