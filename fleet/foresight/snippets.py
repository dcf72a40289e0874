"""What to type to mend a rule, with the real names: a compose file per project, a command per container or host."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from fleet.inventory.identity import COMPOSE_PROJECT, COMPOSE_SERVICE, SWARM_LABEL
from fleet.models import Container, Finding, Image
from fleet.readiness.rule import AnyRule
from fleet.readiness.vocabulary import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """`kind` is compose, cli or host; `about` says what it is for, `text` is what to type or to put into a file."""

    kind: str
    about: str
    text: str


def snippets_for(rule: AnyRule, findings: Sequence[Finding]) -> list[Snippet]:
    """One for each compose project, one for each swarm service, one for the rest of each host; in that order."""
    if rule.scope is Scope.HOST:
        return [_on_host(rule, finding) for finding in findings]
    containers = _containers(findings)
    projects: dict[str, dict[str, list[Container]]] = {}
    swarm: dict[str, list[Container]] = {}
    alone: dict[str, list[Container]] = {}
    for container in containers:
        labels = container.facts.get("labels") or {}
        if labels.get(COMPOSE_PROJECT) and labels.get(COMPOSE_SERVICE):
            services = projects.setdefault(labels[COMPOSE_PROJECT], {})
            services.setdefault(labels[COMPOSE_SERVICE], []).append(container)
        elif labels.get(SWARM_LABEL):
            swarm.setdefault(labels[SWARM_LABEL], []).append(container)
        else:
            alone.setdefault(container.host.name, []).append(container)
    found = [_compose(rule, project, services) for project, services in sorted(projects.items())]
    if swarm:
        found.append(_stack(rule, swarm))
    found += [_commands(rule, host, rows) for host, rows in sorted(alone.items())]
    return found


def _containers(findings: Sequence[Finding]) -> list[Container]:
    """Those that the findings are about, or that hang on what they are about."""
    own = [finding.container_id for finding in findings if finding.container_id]
    images = [finding.subject_pk for finding in findings if finding.subject_kind == Scope.IMAGE.value]
    services = [finding.service_id for finding in findings if finding.subject_kind == Scope.SERVICE.value]
    rows = Container.objects.present().select_related("host").defer("host__facts", "host__swarm")
    chosen = list(rows.filter(pk__in=own)) + list(rows.filter(image__in=Image.objects.filter(pk__in=images)))
    chosen += list(rows.filter(service__in=services, carries_verdict=True))
    return sorted({row.pk: row for row in chosen}.values(), key=lambda row: (row.host.name, row.name))


def _compose(rule: AnyRule, project: str, services: dict[str, list[Container]]) -> Snippet:
    lines = ["services:"]
    for name, rows in sorted(services.items()):
        lines.append(f"  {_key(name)}:   # {', '.join(f'{row.name} on {row.host.name}' for row in rows[:6])}")
        lines += [f"    {line}" for line in rule.remedy.compose.splitlines()]
    hosts = sorted({row.host.name for rows in services.values() for row in rows})
    about = f"compose.override.yaml of the project {project} ({', '.join(hosts)}); then docker compose up -d"
    return Snippet(kind="compose", about=about, text="\n".join(lines))


def _stack(rule: AnyRule, swarm: dict[str, list[Container]]) -> Snippet:
    lines = ["services:"]
    for name in sorted(swarm):
        lines.append(f"  {_key(name)}:")
        lines += [f"    {line}" for line in rule.remedy.compose.splitlines()]
    return Snippet(kind="compose", about="the stack's file; then docker stack deploy", text="\n".join(lines))


def _commands(rule: AnyRule, host: str, rows: Sequence[Container]) -> Snippet:
    template = rule.remedy.docker.splitlines()[0]
    if template.startswith("docker update"):
        flags = template.removeprefix("docker update").partition("…")[0].strip()
        text = f"docker update {flags} {' '.join(shlex.quote(row.name) for row in rows)}"
    else:
        text = "\n".join(_command(template, row) for row in rows)
    return Snippet(kind="cli", about=f"on {host}", text=text)


def _command(template: str, row: Container) -> str:
    """The remedy's own line with this container's name and image in it."""
    body, _, comment = template.partition("   #")
    image = row.image_reference or "IMAGE"
    if body.startswith("docker run"):
        rest = body.removeprefix("docker run").strip()
        flags = rest.partition("…")[0].strip()
        named = f"docker run -d --name {shlex.quote(row.name)} {flags} {shlex.quote(image)}"
        line = " ".join(named.split())
    else:
        line = body.replace("NAME", shlex.quote(row.name)).replace("…", shlex.quote(row.name))
    return f"{line}   #{comment}" if comment else line


def _on_host(rule: AnyRule, finding: Finding) -> Snippet:
    config = f"\n# or in daemon.json:\n{rule.remedy.compose}" if rule.remedy.compose.startswith("{") else ""
    return Snippet(kind="host", about=f"on {finding.subject_name}", text=f"{rule.remedy.docker}{config}")


def _key(name: str) -> str:
    """A YAML key that is read back as this very name."""
    plain: Any = msgspec.yaml.encode(name).decode().strip().removesuffix("...").strip()
    return str(plain)
