"""Hosts: listed for every token, swept by operators, registered, changed and removed by admins."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status

from dashboard.api.auth import BearerToken
from dashboard.api.errors import ApiError, Refusal
from dashboard.api.filters import HostFilters
from dashboard.api.host_shapes import Asked, HostChange, HostIn, HostOut, HostWritten, host_out
from dashboard.api.paging import Page, Paging, page
from dashboard.counted import counts_of
from dashboard.queueing import ask_for_sweep
from fleet.models import Host
from fleet.registration import Changes, Entry, RegistrationError, TlsMaterial, register, remove, update

router = Router(tags=["hosts"])


@router.get("", response=Page[HostOut], summary="List hosts")
def list_hosts(request: HttpRequest, filters: Query[HostFilters], paging: Query[Paging]) -> Page[HostOut]:
    now = timezone.now()
    rows = Host.objects.with_verdict_now(now).select_related("environment").defer("swarm")
    hosts = filters.narrow(rows, now, lambda: counts_of(request).measured.references)
    return page(request, hosts, paging, filters=filters, shape=lambda host: host_out(host, now))


@router.get("/{name}", response={200: HostOut, 404: Refusal}, summary="One host")
def get_host(request: HttpRequest, name: str) -> HostOut:
    return _shown(name, timezone.now())


@router.post(
    "", response={201: HostWritten, 422: Refusal}, auth=BearerToken("admin"), summary="Register a host (admin)"
)
def add_host(request: HttpRequest, body: HostIn) -> Status[HostWritten]:
    """Nothing is sent to it yet; the next tick sweeps it."""
    now = timezone.now()
    try:
        done = register(
            Entry(
                name=body.name,
                url=body.url,
                environment=body.environment or "",
                team=body.team,
                engine=body.engine,
                tls=_material(body),
            ),
            now=now,
        )
    except RegistrationError as error:
        raise _refused(error) from None
    return Status(201, HostWritten(host=_shown(done.host.name, now), warnings=list(done.warnings)))


@router.patch(
    "/{name}",
    response={200: HostWritten, 404: Refusal, 422: Refusal},
    auth=BearerToken("admin"),
    summary="Change a host (admin)",
)
def change_host(request: HttpRequest, name: str, body: HostChange) -> HostWritten:
    now = timezone.now()
    host = _found(name, now)
    changes = Changes(
        name=body.name,
        url=body.url,
        environment=body.environment,
        team=body.team,
        enabled=body.enabled,
        tls=_material(body),
    )
    try:
        done = update(host, changes, now=now)
    except RegistrationError as error:
        raise _refused(error) from None
    return HostWritten(host=_shown(done.host.name, now), warnings=list(done.warnings))


@router.delete(
    "/{name}", response={204: None, 404: Refusal}, auth=BearerToken("admin"), summary="Forget a host (admin)"
)
def remove_host(request: HttpRequest, name: str) -> Status[None]:
    """With everything on it; nothing is changed on the machine itself."""
    now = timezone.now()
    remove(_found(name, now), now=now)
    return Status(204, None)


@router.post(
    "/{name}/sweep",
    response={202: Asked, 404: Refusal, 409: Refusal, 503: Refusal},
    auth=BearerToken("operator"),
    summary="Sweep a host now (operator)",
)
def sweep_host(request: HttpRequest, name: str) -> Status[Asked]:
    now = timezone.now()
    host = _found(name, now)
    if not host.enabled:
        raise ApiError(409, "not-enabled", f"{host.name} is not enabled, so it is not swept.")
    if not ask_for_sweep([host.pk], now=now):
        raise ApiError(503, "queue-away", "The queue does not answer; the schedule sweeps the host when it is back.")
    return Status(202, Asked(host=host.name, asked_at=now.replace(microsecond=0)))


def _material(body: HostIn | HostChange) -> TlsMaterial | None:
    """None when the body names no credential; empty ones take those away that are stored."""
    if body.ca is None and body.certificate is None and body.key is None:
        return None
    return TlsMaterial(body.ca or None, body.certificate or None, body.key or None)


def _refused(error: RegistrationError) -> ApiError:
    return ApiError(422, "invalid", str(error), field=error.field)


def _shown(name: str, now: datetime) -> HostOut:
    return host_out(_found(name, now), now)


def _found(name: str, now: datetime) -> Host:
    hosts = Host.objects.with_verdict_now(now).select_related("environment")
    host = hosts.filter(name=name).first() if name.isprintable() else None
    if host is None:
        raise ApiError(404, "not-found", f"No host is called {name}.", field="name")
    return host
