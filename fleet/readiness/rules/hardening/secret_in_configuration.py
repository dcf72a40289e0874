"""A secret in a container's configuration is shown to everyone who may look at the container."""

from __future__ import annotations

from collections.abc import Mapping

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
    - CIS Docker 1.6.0 4.10 and 7.4
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
            "# at the top level\n"
            "secrets:\n"
            "  db: {file: ./secrets/db}"
        ),
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        hints = known(subject.facts.secret_hints, "Config.Env")
        evidence: dict[str, list[str]] = {}
        for hint in hints:
            if hint.place in _FIELDS:
                evidence.setdefault(_FIELDS[hint.place], []).append(hint.name)
        reasons = {f"{hint.name}: {hint.why}" for hint in hints if hint.place in _FIELDS}
        for volume, options in _volume_hints(subject, judged_anyway=bool(evidence)).items():
            evidence[f"Options of volume {volume}"] = list(options)
        if not evidence:
            return passed()
        return failed({field: sorted(set(names)) for field, names in evidence.items()}, "; ".join(sorted(reasons)))


def _volume_hints(subject: ContainerSubject, *, judged_anyway: bool) -> dict[str, tuple[str, ...]]:
    """Option names by volume. Raises MissingFactError for volumes nobody has seen, unless the rest fails already."""
    names = [mount.name for mount in subject.facts.mounts or () if mount.kind == "volume" and mount.name]
    volumes = subject.around.volumes
    if volumes is None:
        if names and not judged_anyway:
            raise MissingFactError("the options of its volumes")
        return {}
    return {name: volumes[name].secret_hints for name in names if name in volumes and volumes[name].secret_hints}
