"""A secret in a container's configuration is shown to everyone who may look at the container."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from fleet.inventory import SecretHint
from fleet.readiness.findings import MissingFactError, Outcome, failed, known, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_FIELDS: Mapping[str, str] = {
    "env": "Config.Env",
    "command": "Config.Cmd",
    "label": "Config.Labels",
    "health": "Config.Healthcheck",
}


class SecretInConfiguration(ContainerRule):
    """What looks like a password, a token or a key stands in the container's configuration.

    What it looks at:
    Names and shapes, never kept values: environment variables, the command line, labels, the health check's command
    and the options of mounted volumes. A name such as DB_PASSWORD, API_KEY or CREDENTIALS with a value counts, so do
    values that begin like a known kind of token and addresses with user:password@ in them. Names that end in
    _FILE are left out: they point to a file. Loadline keeps the name and drops the value before anything is stored.
    The policy adds patterns of names of your own that hold secrets (secret_names) and takes away those that hold none
    whatever they look like (harmless_names).

    Why it matters:
    docker inspect shows it to everyone in the docker group and to every tool that reads the engine. Child processes
    inherit it, crash reports and debug pages print it, and an image built with it carries it to every registry.
    Changing it means finding every copy.

    How to fix:
    Hand it over as a file: docker secret in a swarm, secrets: in compose, or a read-only file mount that only the
    service's user may read. Most official images read VARIABLE_FILE in place of VARIABLE; otherwise let the entry
    point read the file. Then change the secret: the old value has been on display.
    For a network volume, put user and password into a credentials file on the host.

    What the fix may break:
    Programs that only know the variable need a small entry point that reads the file first. File-based secrets are read
    at start: after changing one, restart the service.

    References:
    - CIS Docker 1.6.0 4.10
    - CIS Docker 1.6.0 7.4
    - OWASP Docker Security Cheat Sheet, rule 12
    - NIST SP 800-190 4.1.4
    - Docker documentation, Manage sensitive data with Docker secrets
    """

    title = "Secret in the configuration"
    good = "Nothing in the configuration looks like a secret."
    catalogue = "HRD-021"
    severity = Severity.HIGH
    facts = ("Config.Env", "Config.Cmd", "Config.Labels", "Config.Healthcheck", "Options of mounted volumes")
    remedy = Remedy(
        docker="docker run -v /srv/secrets/db:/run/secrets/db:ro -e DB_PASSWORD_FILE=/run/secrets/db …",
        compose=(
            "environment: {DB_PASSWORD_FILE: /run/secrets/db}\n"
            "secrets: [db]\n"
            "# and at the top level of the file: secrets: {db: {file: ./secrets/db}}"
        ),
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        harmless = subject.around.policy.harmless_names
        evidence: dict[str, set[str]] = {}
        reasons = set()
        for hint in _hints(subject):
            if hint.place in _FIELDS and not _matches(hint.name, harmless):
                evidence.setdefault(_FIELDS[hint.place], set()).add(hint.name)
                reasons.add(f"{hint.name}: {hint.why}")
        for volume, options in _volume_hints(subject, judged_anyway=bool(evidence)).items():
            names = {option for option in options if not _matches(option, harmless)}
            if names:
                evidence[f"Options of volume {volume}"] = names
        if not evidence:
            return passed()
        shown = {field: sorted(names) for field, names in evidence.items()}
        # Only a swarm has secrets of its own to use instead.
        return failed(shown, "; ".join(sorted(reasons)), cis=None if subject.facts.swarm_task else ("4.10",))


def _hints(subject: ContainerSubject) -> tuple[SecretHint, ...]:
    """What looked like a secret when it was read, and the variables that the policy says hold one."""
    hints = known(subject.facts.secret_hints, "Config.Env")
    patterns = subject.around.policy.secret_names
    if not patterns:
        return hints
    noted = {hint.name for hint in hints if hint.place == "env"}
    names = known(subject.facts.environment_names, "Config.Env")
    named = [name for name in names if name not in noted and _matches(name, patterns)]
    return (*hints, *(SecretHint("env", name, "the policy names it a secret") for name in named))


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _volume_hints(subject: ContainerSubject, *, judged_anyway: bool) -> dict[str, tuple[str, ...]]:
    """Option names by volume. Raises MissingFactError for volumes nobody has seen, unless the rest fails already."""
    names = [mount.name for mount in subject.facts.mounts or () if mount.kind == "volume" and mount.name]
    volumes = subject.around.volumes
    if volumes is None:
        if names and not judged_anyway:
            raise MissingFactError("the options of its volumes")
        return {}
    return {name: volumes[name].secret_hints for name in names if name in volumes and volumes[name].secret_hints}
