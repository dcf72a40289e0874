"""What the API says of a host, and what it takes to register or change one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from dashboard.api.judged import JudgedOut, judged_parts, whole_second
from dashboard.api.out import Out
from fleet.models import Host


class SweepError(Out):
    code: str
    message: str


class HostOut(JudgedOut):
    name: str
    url: str
    engine: str
    environment: str = Field(description="Slug.")
    team: str
    enabled: bool = Field(description="A host that is not enabled is not swept.")
    simulated: bool
    has_credentials: bool = Field(description="Whether TLS credentials are stored; they are never shown.")
    registered_at: datetime
    attempted_at: datetime | None = Field(description="Last sweep, whether it went well or not.")
    sweep_seconds: float | None
    error: SweepError | None = Field(description="Why the last sweep failed.")
    gaps: list[dict[str, Any]] = Field(description="Endpoints that the last sweep did not get an answer from.")
    containers: int
    containers_running: int
    engine_version: str | None
    api_version: str | None
    operating_system: str | None
    architecture: str | None


class HostIn(Schema):
    name: str
    url: str = Field(description="unix://, tcp://, https:// or ssh://")
    environment: str | None = Field(None, description="Name or slug; production when left out.")
    team: str = ""
    engine: str = "docker"
    ca: str | None = Field(None, description="PEM. Sealed at rest and never given out again.")
    certificate: str | None = Field(None, description="PEM, with its key.")
    key: str | None = Field(None, description="PEM, with its certificate.")


class HostChange(Schema):
    """What is left out stays; credentials are replaced together."""

    name: str | None = None
    url: str | None = None
    environment: str | None = None
    team: str | None = None
    enabled: bool | None = None
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


class HostWritten(Schema):
    host: HostOut
    warnings: list[str] = Field(description="What will work but should not stay as it is.")


class Asked(Schema):
    """The sweep was handed to a worker; `attempted_at` of the host moves when it is done."""

    host: str
    asked_at: datetime


def host_out(host: Host, now: datetime) -> HostOut:
    facts = host.facts
    return HostOut(
        **judged_parts(host, answered_at=host.answered_at, now=now),
        name=host.name,
        url=host.url,
        engine=host.engine,
        environment=host.environment.slug,
        team=host.team,
        enabled=host.enabled,
        simulated=host.simulated,
        has_credentials=host.has_credentials,
        registered_at=host.registered_at.replace(microsecond=0),
        attempted_at=whole_second(host.attempted_at),
        sweep_seconds=host.sweep_seconds,
        error=SweepError(code=host.error_code, message=host.error) if host.error_code else None,
        gaps=host.gaps,
        containers=host.containers_total,
        containers_running=host.containers_running,
        engine_version=facts.get("engine_version"),
        api_version=facts.get("api_version"),
        operating_system=facts.get("operating_system"),
        architecture=facts.get("architecture"),
    )
