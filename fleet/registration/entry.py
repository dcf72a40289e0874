"""A host as somebody wrote it down, and what of it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fleet.lookup import UnknownNameError, find_environment
from fleet.models import Environment, Host
from fleet.registration.errors import RegistrationError
from fleet.transport import Endpoint, TlsMaterial, TransportError

#: A host that names no environment is judged as if it stood in production: the strictest reading errs on the safe side.
DEFAULT_ENVIRONMENT: Final = "production"
ENGINES: Final = ("docker",)
LONGEST: Final = {"name": 200, "url": 500, "team": 100}
# Names stand in addresses of pages and in shell commands.
#: The pages' own addresses use these.
RESERVED: Final = frozenset({"add", "import", "sweep", "trial"})
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Nothing of it has been looked at yet. An empty environment means production."""

    name: str
    url: str
    environment: str = ""
    team: str = ""
    engine: str = "docker"
    tls: TlsMaterial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Valid:
    """An entry that holds in itself; whether name and address are free is asked when it is stored."""

    name: str
    endpoint: Endpoint
    url: str
    environment: Environment
    team: str
    engine: str


def validate(entry: Entry) -> Valid:
    """Raises RegistrationError for the first thing that is wrong."""
    endpoint = read_endpoint(entry.url, entry.tls)
    return Valid(
        name=_name(entry.name),
        endpoint=endpoint,
        url=_fitting("url", one_spelling(endpoint)),
        environment=_environment(entry.environment),
        team=_team(entry.team),
        engine=_engine(entry.engine),
    )


def read_endpoint(url: str, tls: TlsMaterial | None) -> Endpoint:
    try:
        return Endpoint(url, tls)
    except TransportError as error:
        raise RegistrationError("url", str(error)) from None


def one_spelling(endpoint: Endpoint) -> str:
    """The same text for every way to write an address, so that one engine is not registered twice by a slash."""
    if endpoint.scheme == "unix":
        return f"unix://{endpoint.path}"
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host.lower()
    if endpoint.scheme == "ssh":
        user = f"{endpoint.user}@" if endpoint.user else ""
        return f"ssh://{user}{host}{f':{endpoint.port}' if endpoint.port else ''}{endpoint.path}"
    scheme = "tcp" if endpoint.scheme == "http" else endpoint.scheme
    return f"{scheme}://{host}:{endpoint.port}"


def taken(valid: Valid, *, besides: Host | None = None) -> RegistrationError | None:
    """What stands in the way of storing it, if anything."""
    others = Host.objects.exclude(pk=besides.pk) if besides is not None and besides.pk else Host.objects.all()
    named = others.filter(name__iexact=valid.name).first()
    if named is not None:
        return RegistrationError(
            "name",
            f"A host named {named.name} is registered already, with {named.url}; choose another name, "
            f"or remove that one first: ./loadline host remove {named.name}",
        )
    reached = others.filter(url=valid.url).first()
    if reached is not None:
        return RegistrationError(
            "url", f"{valid.url} is registered already, as {reached.name}; one engine is one host."
        )
    return None


def _name(given: str) -> str:
    name = _fitting("name", given.strip())
    if not name:
        raise RegistrationError("name", "The name is empty; give the host one, such as prod-01.")
    if not _NAME.fullmatch(name):
        raise RegistrationError(
            "name",
            f"The name {name!r} may hold letters, digits, dots, dashes and underscores, and begins with a "
            "letter or digit.",
        )
    if name.lower() in RESERVED:
        raise RegistrationError("name", f"The name {name} is taken by a page of Loadline's own; choose another.")
    return name


def _team(given: str) -> str:
    team = _fitting("team", given.strip())
    if not team.isprintable():
        raise RegistrationError("team", f"The team {team!r} holds a character that does not print; remove it.")
    return team


def _fitting(field: str, text: str) -> str:
    if len(text) > LONGEST[field]:
        raise RegistrationError(field, f"The {field} has {len(text)} characters; {LONGEST[field]} are the most.")
    return text


def _environment(given: str) -> Environment:
    if not given.strip().isprintable():
        raise RegistrationError("environment", "The environment holds a character that does not print; remove it.")
    try:
        return find_environment(given.strip() or DEFAULT_ENVIRONMENT)
    except UnknownNameError as error:
        raise RegistrationError("environment", str(error)) from None


def _engine(given: str) -> str:
    engine = given.strip().lower() or ENGINES[0]
    if engine not in ENGINES:
        raise RegistrationError("engine", f"There is no engine {given.strip()}; known are: {', '.join(ENGINES)}.")
    return engine
