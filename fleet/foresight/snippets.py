"""What to type to mend a rule, with the real names: a compose file per project, a command per container or host."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.db.models import F

from fleet.foresight.commands import commands_for
from fleet.foresight.naming import one_line, with_image, yaml_image, yaml_text
from fleet.inventory.identity import COMPOSE_PROJECT, COMPOSE_SERVICE, SWARM_LABEL
from fleet.models import Container, Finding, Image
from fleet.readiness.rule import AnyRule
from fleet.readiness.vocabulary import Scope

_MOST_NAMES = 6
_THE_ONE_THAT_RUNS = "@sha256:…"  # in a remedy: the digest of the container's own image
_THINGS = {Scope.VOLUME: ("data", "docker volume create "), Scope.NETWORK: ("app", "docker network create --driver ")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """`kind` is compose, cli or host; `about` says what it is for, `text` is what to type or to put into a file."""

    kind: str
    about: str
    text: str


def snippets_for(rule: AnyRule, findings: Sequence[Finding]) -> list[Snippet]:
    """One for each compose project, one for each swarm's stack, one for the rest of each host; in that order.

    What is wrong with a host, a network or a volume is mended there.
    """
    if rule.scope is Scope.HOST:
        return _on_hosts(rule, findings) if findings else []
    if rule.scope in _THINGS:
        return _things(rule, findings)
    projects: dict[str, dict[str, list[Container]]] = {}
    swarm: dict[str, list[Container]] = {}
    alone: dict[str, list[Container]] = {}
    in_files = _has_keys(rule.remedy.compose)
    images = _THE_ONE_THAT_RUNS in f"{rule.remedy.docker}{rule.remedy.compose}"
    for container in _containers(findings, images=images):
        labels = getattr(container, "labels") or {}  # noqa: B009 - annotated by what has read it
        if in_files and labels.get(COMPOSE_PROJECT) and labels.get(COMPOSE_SERVICE):
            services = projects.setdefault(labels[COMPOSE_PROJECT], {})
            services.setdefault(labels[COMPOSE_SERVICE], []).append(container)
        elif in_files and labels.get(SWARM_LABEL):
            swarm.setdefault(labels[SWARM_LABEL], []).append(container)
        else:
            alone.setdefault(container.host.name, []).append(container)
    found = [_compose(rule, project, services) for project, services in sorted(projects.items())]
    if swarm:
        found.append(_stack(rule, swarm))
    return found + [_commands(rule, host, rows) for host, rows in sorted(alone.items())]


def _has_keys(fragment: str) -> bool:
    """Whether there is anything to put into a file, and not only something to say."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in fragment.splitlines())


def _containers(findings: Sequence[Finding], *, images: bool) -> list[Container]:
    """Those that the findings are about, or that hang on what they are about; each with its labels, and with its image
    where that has to tell what the digest is.
    """
    own = [finding.container_id for finding in findings if finding.container_id]
    on = [finding.subject_pk for finding in findings if finding.subject_kind == Scope.IMAGE.value]
    services = [finding.service_id for finding in findings if finding.subject_kind == Scope.SERVICE.value]
    rows = Container.objects.present().annotate(labels=F("facts__labels")).select_related("host").order_by()
    columns = ["name", "image_reference", "host__name"]
    if images:
        rows, columns = rows.select_related("image"), [*columns, "image__facts"]
    rows = rows.only(*columns)
    chosen = list(rows.filter(pk__in=own)) + list(rows.filter(image__in=Image.objects.filter(pk__in=on)))
    chosen += list(rows.filter(service__in=services, carries_verdict=True))
    return sorted({row.pk: row for row in chosen}.values(), key=lambda row: (row.host.name, row.name))


def _compose(rule: AnyRule, project: str, services: Mapping[str, Sequence[Container]]) -> Snippet:
    hosts = sorted({row.host.name for rows in services.values() for row in rows})
    about = f"compose.override.yaml of the project {one_line(project)} ({_listed(hosts)}); then docker compose up -d"
    return Snippet(kind="compose", about=about, text=_services(rule, services))


def _stack(rule: AnyRule, swarm: Mapping[str, Sequence[Container]]) -> Snippet:
    return Snippet(kind="compose", about="the stack's file; then docker stack deploy", text=_services(rule, swarm))


def _services(rule: AnyRule, services: Mapping[str, Sequence[Container]]) -> str:
    lines = ["services:"]
    for name, rows in sorted(services.items()):
        named = _listed([f"{row.name} on {row.host.name}" for row in rows])
        lines.append(f"  {yaml_text(name)}:   # {named}")
        lines += [f"    {line}" for line in with_image(rule.remedy.compose, rows[0], yaml_image).splitlines()]
    return "\n".join(lines)


def _commands(rule: AnyRule, host: str, rows: Sequence[Container]) -> Snippet:
    text = commands_for(rule.remedy.docker, rows)
    if not _has_keys(rule.remedy.compose):  # then it is a word of advice, and a comment to a shell as well
        text += f"\n{rule.remedy.compose}"
    return Snippet(kind="cli", about=f"on {host}", text=text)


def _things(rule: AnyRule, findings: Sequence[Finding]) -> list[Snippet]:
    """A command for each network or volume, and what the compose file that declares it should say."""
    example, create = _THINGS[rule.scope]
    hosts: dict[str, list[str]] = {}
    for finding in findings:
        hosts.setdefault(finding.subject_name, []).append(finding.host.name if finding.host else "")
    found = []
    for name, places in sorted(hosts.items()):
        about = f"{rule.scope.value} {one_line(name)} on {_listed(sorted(places))}"
        lines = [_recreated(line, create, example, name) for line in rule.remedy.docker.splitlines()]
        found.append(Snippet(kind="cli", about=about, text="\n".join(lines)))
        if _has_keys(rule.remedy.compose):
            fragment = re.sub(rf"(?m)^  {example}:", partial(_declared, name), rule.remedy.compose)
            found.append(Snippet(kind="compose", about=f"the compose file, for the {about}", text=fragment))
    return found


def _recreated(line: str, create: str, example: str, name: str) -> str:
    body, gap, comment = line.partition("   #")
    if body.startswith(create) and body.endswith(f" {example}"):
        body = f"{body.removesuffix(example)}{shlex.quote(name)}"
    return f"{body}{gap}{comment}"


def _declared(name: str, _: re.Match[str]) -> str:
    return f"  {yaml_text(name)}:"


def _on_hosts(rule: AnyRule, findings: Sequence[Finding]) -> list[Snippet]:
    """The same on each of them: a command, and what to put into the engine's own file."""
    about = f"on {_listed(sorted({finding.subject_name for finding in findings}))}"
    found = [Snippet(kind="host", about=about, text=rule.remedy.docker)]
    config = re.search(r"^\{.*", rule.remedy.compose, re.MULTILINE | re.DOTALL)
    if config:
        found.append(Snippet(kind="host", about=f"or in daemon.json {about}", text=config[0]))
    return found


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    return ", ".join([*map(one_line, names[:_MOST_NAMES]), *more])
