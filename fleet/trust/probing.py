"""Whether a registry can be read as it is registered, step by step and in words for whoever registered it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import requests

from fleet.trust.errors import Refused, TrustError
from fleet.trust.registry import Registered, RegistryClient
from fleet.trust.web import Answer

OK: Final = "ok"
WARNING: Final = "warning"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
_OPEN, _WANTS_MORE, _FORBIDDEN, _NOTHING, _TOO_MANY = 200, 401, 403, 404, 429
_BAD = 400


@dataclass(frozen=True, slots=True)
class Probed:
    """One step: `outcome` is ok, warning, failed or skipped. No sentence holds a credential."""

    name: str
    outcome: str
    sentence: str


def probe(registered: Registered, *, client: type[RegistryClient] = RegistryClient) -> tuple[Probed, ...]:
    """Asks for /v2/ alone: what it holds is nobody's business here."""
    asking = client(registered)
    try:
        return tuple(_without_secrets(one, registered) for one in _steps(asking, registered))
    finally:
        asking.close()


def _steps(client: RegistryClient, registered: Registered) -> Iterator[Probed]:
    # 1. Does anything answer there, as it is registered?
    try:
        answer = client.front()
    except TrustError as error:
        yield Probed("connection", FAILED, f"{_sentence(error)} {_remedy(error, registered)}".strip())
        yield Probed("registry", SKIPPED, "Not asked.")
        return
    yield Probed("connection", OK, f"{registered.address} answers.")
    # 2. Is it a registry?
    kind = _kind(answer)
    yield kind
    if kind.outcome == FAILED:
        return
    # 3. Does it let us in?
    yield _let_in(client, registered, answer)


def _kind(answer: Answer) -> Probed:
    status = answer.status
    if status == _OPEN:
        return Probed("registry", OK, "It is a registry.")
    if status == _WANTS_MORE:
        return Probed("registry", OK, "It is a registry, and wants to know who asks.")
    if status == _TOO_MANY:
        return Probed("registry", FAILED, "It is asked too often and wants us to wait; try it again later.")
    if 300 <= status < _BAD:  # noqa: PLR2004 - the class of redirects
        said = "It sends us elsewhere, where we do not go: register the address that it is really at."
    elif status == _NOTHING:
        said = "Something answers there that is no registry: it has no /v2/. Is it another port?"
    elif status == _BAD:
        said = "It does not understand the question: it may want https where http is registered, or the other way."
    elif status == _FORBIDDEN:
        said = "It answers 403: it does not let this machine ask at all."
    else:
        said = f"It answers {status}, which says nothing; its own log may say why."
    return Probed("registry", FAILED, said)


def _let_in(client: RegistryClient, registered: Registered, answer: Answer) -> Probed:
    name = "sign-in"
    if answer.status == _OPEN:
        if registered.username:
            return Probed(name, WARNING, "It lets everybody in; the credentials were not asked for, and not sent.")
        return Probed(name, OK, "It lets everybody in.")
    who = f"as {registered.username}" if registered.username else "without credentials"
    try:
        inside = client.front(answer)
    except TrustError as error:
        hint = "" if registered.username else " Enter a name and a password, if it has any for you."
        return Probed(name, FAILED, f"It does not let us in {who}: {error}.{hint}")
    if inside.status == _OPEN:
        more = "" if registered.username else "; images that are not public need credentials"
        return Probed(name, OK, f"It lets us in {who}{more}.")
    if inside.status in {_WANTS_MORE, _FORBIDDEN}:
        return Probed(name, FAILED, f"It does not let us in {who}: name or password are not the ones it knows.")
    return Probed(name, FAILED, f"It answers {inside.status} {who}, which says nothing; its own log may say why.")


def _remedy(error: TrustError, registered: Registered) -> str:
    if isinstance(error, Refused):
        return "" if registered.private else "If it is inside your own network, say so in its entry."
    if isinstance(error.__cause__, requests.exceptions.SSLError):
        return (
            "Enter the certificates of whoever signed it, have it renewed if it has ended, or say that it is "
            "http if it speaks no https."
        )
    return "Is the name right, is it running, and is there a way to it from where Loadline runs?"


def _sentence(error: TrustError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _without_secrets(one: Probed, registered: Registered) -> Probed:
    """Whatever a server may have told us back."""
    if registered.password and registered.password in one.sentence:
        return Probed(one.name, one.outcome, one.sentence.replace(registered.password, "…"))
    return one
