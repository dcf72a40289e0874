"""Every address of the site, and who gets in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from dashboard import queueing
from dashboard.roles import OPERATORS
from fleet.counting import count_all
from fleet.evidence import make_pack
from fleet.governance.policy import draft
from fleet.governance.waivers import Ask, Person, target_of
from fleet.governance.waivers import request as request_waiver
from fleet.models import (
    ApiToken,
    Container,
    EvidencePack,
    Finding,
    Host,
    PolicyVersion,
    ScanReport,
    Service,
    ServiceMapping,
    Trial,
    Waiver,
)
from fleet.proving import keep_scan
from fleet.readiness.policy import Policy
from fleet.registration import Entry, begin_trial
from fleet.reports import keep_report
from fleet.trust.scan_reading import read_scan
from tests.builders import IMAGE_ID, NOW, OWNED, container, image, network, volume, volume_mount
from tests.dashboard.addresses import API, PAGES, TRIAL
from tests.fleet.trust.scanners import grype, trivy, trivy_hole
from tests.publishers import publishers
from tests.rows import host_row, shared_rows, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_counts")]

#: Open to strangers, each for its own reason.
OPEN = {"/accounts/login/", "/healthz", "/readyz", "/metrics", "/favicon.ico", "/api/v1/openapi.json"}
ROLES = ("nobody", "viewer", "operator", "admin")
MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    tasks = ("sweep_now", "make_pack", "preview_draft", "try_endpoint", "mail_report", "preview_mapping", "count")
    tasks += ("try_trust", "preview_root", "prove_image")
    for task in tasks:
        monkeypatch.setattr(getattr(queueing, task), "apply_async", lambda **_kwargs: None)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module", autouse=True)
def _fleet(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), shared_rows(django_db_blocker, _make):
        yield


def _make() -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "checkout"}, memory=0))
    trial = begin_trial(Entry(name="new", url="tcp://10.0.0.9:2376"), by=None, now=NOW)
    Trial.objects.filter(pk=trial.pk).update(id=TRIAL)
    ask = Ask(reason=MARKUP * 2, control=MARKUP * 2, ticket=f"https://{MARKUP}", until=NOW.date() + timedelta(days=7))
    request_waiver(target_of(memory_finding()), ask, person=Person(MARKUP), now=NOW)
    draft(Policy(), author=None, name=MARKUP, note=MARKUP, now=NOW)
    make_pack(scope="fleet", name="", by=None, maker=MARKUP, now=NOW)
    keep_report(NOW, maker=MARKUP)
    for body in (trivy(trivy_hole(MARKUP, Title=MARKUP, PkgName=MARKUP), ArtifactName=MARKUP), grype()):
        keep_scan(read_scan(body, NOW), by=MARKUP, now=NOW)
    publishers(trial=TRIAL, author=MARKUP)
    ServiceMapping.objects.create(container=MARKUP, service=MARKUP, note=MARKUP, made_by=MARKUP, made_at=NOW)
    count_all(NOW)  # or each page would count the fleet anew


def memory_finding() -> Finding:
    return Finding.objects.get(rule="no-memory-limit", container=Container.objects.earliest("pk"))


def real(path: str) -> str:
    """Keys are the database's own choice."""
    if path == "/waivers/ask/1/":
        return f"/waivers/ask/{memory_finding().pk}/"
    first = {"/catalogue/mappings/": ServiceMapping, "/containers/": Container, "/waivers/": Waiver}
    first |= {"/policy/": PolicyVersion, "/evidence/": EvidencePack, "/trust/scans/": ScanReport}
    for prefix, model in first.items():
        if f"{prefix}1/" in path:
            return path.replace(f"{prefix}1/", f"{prefix}{model.objects.earliest('pk').pk}/")
    return path


def signed_in(role: str, **options: Any) -> Client:
    client = Client(**options)
    if role == "nobody":
        return client
    user = User.objects.create_user(role, is_staff=role == "admin")
    if role == "operator":
        user.groups.add(Group.objects.get(name=OPERATORS))
    client.force_login(user)
    return client


def bearing(role: str) -> Client:
    if role == "nobody":
        return Client()
    _, secret = ApiToken.objects.issue(name=role, role=role, now=NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        path = prefix + str(one.pattern).lstrip("^").rstrip("$")
        if isinstance(one, URLPattern):
            yield path, one.name or ""
        elif not path.startswith("/admin"):
            yield from patterns(one, path)


def _enough(role: str, least: str | None) -> bool:
    return least is not None and ROLES.index(role) >= ROLES.index(least)


@pytest.mark.alike
def test_the_tables_leave_no_address_out() -> None:
    known = {*PAGES, *(path for _, path in API), *OPEN}
    examples = {
        "<slug:slug>": ("checkout", "privileged-container"),
        "<str:name>": ("prod-01", "payments"),
        "<int:pk>": ("1",),
    }
    examples |= {
        "<uuid:pk>": (str(TRIAL),),
        "<name>": ("prod-01", "checkout", "payments"),
        "<pk>": ("1",),
        "<str:kind>": ("json",),
    }
    examples |= {"<str:host>": ("registry.internal",), "<host>": ("registry.internal",)}
    examples |= {"<str:image_id>": (IMAGE_ID,), "<image_id>": (IMAGE_ID,)}
    examples |= {"<int:finding>": ("1",), "<str:day>": ("2026-11-24",)}
    for path, _ in patterns(get_resolver()):
        possible = [path]
        for placeholder, values in examples.items():
            possible = [one.replace(placeholder, value) for one in possible for value in values]
        assert known & set(possible) or path in {"/accounts/logout/", "/api/v1/", "/api/"}, path


@pytest.mark.alike
@pytest.mark.parametrize("path", PAGES)
def test_a_page_lets_in_whom_the_table_says(path: str) -> None:
    for role in ROLES:
        client = signed_in(role)
        for method, least in zip(("get", "post"), PAGES[path], strict=True):
            reply = getattr(client, method)(real(path))
            if role == "nobody":
                assert (reply.status_code, reply["Location"].partition("?")[0]) == (302, "/accounts/login/")
            elif least is None:  # nothing to post, or nothing to look at
                assert reply.status_code in ({200, 405} if method == "post" else {405}), (role, method)
            else:
                assert reply.status_code in ({200, 302} if _enough(role, least) else {403}), (role, method)


@pytest.mark.alike
@pytest.mark.parametrize(("method", "path"), API)
def test_the_api_answers_whom_the_table_says(method: str, path: str) -> None:
    for role in ROLES:
        reply = bearing(role).generic(method, real(path), b"{}", content_type="application/json")
        if role == "nobody":
            assert reply.status_code == 401
        elif _enough(role, API[method, path]):
            assert reply.status_code in {200, 201, 202, 204, 409, 422}, role
        else:
            assert reply.status_code == 403, role


@pytest.mark.alike
def test_a_session_alone_opens_nothing_of_the_api() -> None:
    client = signed_in("admin")
    for method, path in API:
        assert client.generic(method, path, b"{}", content_type="application/json").status_code == 401, path


@pytest.mark.alike
@pytest.mark.parametrize("path", [path for path, (_, post) in PAGES.items() if post])
def test_a_form_of_another_site_changes_nothing(path: str) -> None:
    assert signed_in("admin", enforce_csrf_checks=True).post(path).status_code == 403


@pytest.mark.alike
@pytest.mark.parametrize("role", ["nobody", "viewer", "operator"])
def test_the_admin_site_is_for_admins(role: str) -> None:
    client = signed_in(role)
    for model in ("fleet/host", "fleet/apitoken", "auth/user", "auditlog/logentry", "fleet/finding"):
        reply = client.get(f"/admin/{model}/")
        assert (reply.status_code, "login" in reply["Location"]) == (302, True), model


@pytest.mark.alike
@pytest.mark.parametrize(
    "after", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_but_home(after: str) -> None:
    User.objects.create_user("carla", password="the right one")
    reply = Client().post(f"/accounts/login/?next={after}", {"username": "carla", "password": "the right one"})
    assert (reply.status_code, reply["Location"]) == (302, "/")


@pytest.mark.alike
def test_no_page_repeats_the_markup_of_an_engine() -> None:
    """Names and values of an engine are text wherever they stand."""
    _make_odd()
    client = signed_in("admin")
    for path in (path for path, (get, _) in PAGES.items() if get):
        reply = client.get(_odd(path), {"q": MARKUP} if path in {"/search/", "/services/"} else {})
        body = reply.content if reply["Content-Type"].startswith("text/html") else b""  # no browser renders the others
        assert reply["X-Content-Type-Options"] == "nosniff", path
        assert b"<script>alert" not in body, path
        assert b"<img src=x" not in body, path


def _make_odd() -> None:
    odd = container(
        id="e" * 64,
        name=MARKUP,
        image_reference=MARKUP,
        image_id="sha256:" + "e" * 64,
        labels={**OWNED, "loadline.service": MARKUP, "team": MARKUP, MARKUP: MARKUP},
        state=MARKUP[:20],
        error=MARKUP,
        user=MARKUP,
        network_mode=MARKUP,
        mounts=(volume_mount(MARKUP, MARKUP),),
        privileged=True,
    )
    parts: dict[str, Any] = {
        "images": (image(id="sha256:" + "e" * 64, tags=(MARKUP,), digests=()),),
        "networks": (network(name=MARKUP),),
        "volumes": (volume(name=MARKUP, driver=MARKUP),),
    }
    host = swept(host_row("odd", team=MARKUP), odd, container(labels={}), **parts)
    Host.objects.filter(pk=host.pk).update(error=MARKUP, error_code="timeout")
    Service.objects.filter(name="web").update(team=MARKUP, slug="odd-one")


def _odd(path: str) -> str:
    """The page of the odd one among those of a kind."""
    if path == "/containers/1/":
        return f"/containers/{Container.objects.get(engine_id='e' * 64).pk}/"
    if path == f"/trust/images/{IMAGE_ID}/":
        return f"/trust/images/sha256:{'e' * 64}/?name={quote(MARKUP, safe='')}"
    if path == "/services/checkout/":
        return f"/services/{Service.objects.get(name=MARKUP).slug}/"
    return real(path.replace("/hosts/prod-01/", "/hosts/odd/"))


@pytest.mark.parametrize("path", [path for path, (get, _) in PAGES.items() if get])
def test_nothing_in_an_address_breaks_a_page(path: str) -> None:
    client = signed_in("admin")
    names = (
        "q",
        "team",
        "host",
        "service",
        "environment",
        "rule",
        "status",
        "sort",
        "page",
        "trial",
        "verdict",
        "state",
        "name",
        "asked",
        "registry",
        "root",
    )
    for value in ("%00", "%ff", "-1", "9" * 30, "%ED%A0%80", "a" * 500):
        query = "&".join(f"{name}={value}" for name in names)
        assert client.get(f"{real(path)}?{query}").status_code < 500, value


@pytest.mark.parametrize("name", ["%00", "a%00b", "%ED%A0%80", "..", "%2e%2e%2fetc", "9" * 300])
def test_nothing_in_a_name_breaks_a_page(name: str) -> None:
    client, reader = signed_in("admin"), bearing("admin")
    for page in ("", "edit/", "remove/"):
        assert client.get(f"/hosts/{name}/{page}").status_code in {200, 404}
    assert client.post(f"/hosts/{name}/sweep/").status_code in {302, 404}
    for path in (f"/services/{name}/", f"/rules/{name}/", f"/containers/{name}/"):
        assert client.get(path).status_code == 404
    assert reader.get(f"/api/v1/hosts/{name}").status_code == 404


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "a\x00b", "x" * 5000, "😀" * 300])
def test_nothing_in_a_body_breaks_the_api(odd: str) -> None:
    client = bearing("admin")
    for field in ("name", "url", "environment", "team", "engine", "ca", "key"):
        body = {"name": "new-one", "url": "tcp://10.0.0.8:2376", field: odd}
        for reply in (
            client.post("/api/v1/hosts", body, content_type="application/json"),
            client.patch("/api/v1/hosts/prod-01", {field: odd}, content_type="application/json"),
        ):
            assert reply.status_code in {200, 400, 422}, field
