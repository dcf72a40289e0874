"""Questions to registries and Notary servers that a page waits for: begun there, asked by a worker."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.contrib.auth.models import User

from fleet.models import TrustRoot, TrustTrial
from fleet.models.trust_trial import CANDIDATE, REGISTRY
from fleet.proving.errors import ProvingError
from fleet.proving.registries import found_registry, registered
from fleet.trust import scope
from fleet.trust.errors import NotFound, Refused, TrustError
from fleet.trust.fingerprints import told
from fleet.trust.keys import PublicKey, to_pem
from fleet.trust.metadata import MetadataClient
from fleet.trust.names import ImageName, checked
from fleet.trust.probing import FAILED, OK, probe
from fleet.trust.roots import Kind
from fleet.trust.states import Failure
from fleet.trust.terms import Server, Terms, Unfit, checked_server, read
from fleet.trust.tuf.candidate import Candidate, candidate
from fleet.trust.tuf.chain import MOST_ROOT

_UNSIGNED: Final = (
    "The server has no signed metadata of this repository. Is that its name, with the registry, as its images have it?"
)


def begin_registry_trial(host: str, *, by: User | None, now: datetime) -> TrustTrial:
    """Raises ProvingError."""
    row = found_registry(host)
    return TrustTrial.objects.create(kind=REGISTRY, about=row.host, started_by=by, started_at=now)


def begin_candidate(
    repository: str, *, server: Server | None, root: TrustRoot | None, by: User | None, now: datetime
) -> TrustTrial:
    """Which root keys the server shows of the repository. Of a root that is registered its own server is asked, and
    only about what it speaks for. Raises ProvingError.
    """
    if root is not None:
        terms = _notary_terms(root)
        server = terms.server
        if scope.closest(terms.scopes, repository) is None:
            raise ProvingError(f"{root.name} does not speak for {repository[:80]}.", "repository")
    if server is None:
        raise ProvingError("Say which server is to be asked, such as https://notary.internal.", "server")
    try:
        fine = checked_server(server)
        host, _, path = repository.partition("/")
        checked(ImageName(host, path))
        scope.checked(repository)
    except Unfit as error:
        raise _refused(error, error.field) from None
    except Refused as error:
        raise _refused(error, "repository") from None
    return TrustTrial.objects.create(
        kind=CANDIDATE,
        root=root,
        about=repository,
        server=msgspec.to_builtins(fine),
        started_by=by,
        started_at=now,
    )


def run_trust_trial(trial_id: UUID | str, *, now: datetime) -> None:
    """What the worker does; a trial that was forgotten meanwhile is no error."""
    trial = TrustTrial.objects.filter(pk=trial_id, finished_at__isnull=True).first()
    if trial is None:
        return
    if trial.kind == REGISTRY:
        trial.steps = _registry_steps(trial.about)
    else:
        trial.steps, trial.found = _fetched(trial)
    trial.ok = all(outcome != FAILED for _, outcome, _ in trial.steps)
    trial.finished_at = now
    trial.save(update_fields=["steps", "found", "ok", "finished_at"])


def confirm_candidate(trial: TrustTrial, said: Mapping[str, str]) -> tuple[str, ...]:
    """`said` maps fingerprints of shown keys to what an admin entered for them, who got it from the publisher by
    another way; empty where they know nothing of a key. Fingerprints that are confirmed now. Raises ProvingError, with
    the fingerprint as its field.
    """
    shown = {str(one["fingerprint"]) for one in trial.found.get("keys", ())}
    given = {fingerprint: text for fingerprint, text in said.items() if text.strip()}
    for fingerprint, text in given.items():
        if fingerprint not in shown:
            raise ProvingError("The server shows no such key.", fingerprint)
        try:
            is_known = told(text, fingerprint)
        except Refused as error:
            raise _refused(error, fingerprint) from None
        if not is_known:
            raise ProvingError(
                "That is not the fingerprint of this key. If the publisher did tell you this one, the server shows "
                "another key than the publisher's: do not take it over, and ask the publisher.",
                fingerprint,
            )
    if not given:
        raise ProvingError("Enter the fingerprint that the publisher told you of at least one key.")
    trial.confirmed = sorted({*trial.confirmed, *given})
    trial.save(update_fields=["confirmed"])
    return tuple(trial.confirmed)


def confirmed_material(trial: TrustTrial) -> str:
    """PEM of the keys that were confirmed, and of those that the root has already and the server still shows."""
    pinned = {fingerprint for _, fingerprint in _pinned(trial)}
    wanted = pinned | set(trial.confirmed)
    return "".join(
        to_pem("PUBLIC KEY", base64.b64decode(one["spki"]))
        for one in trial.found.get("keys", ())
        if one["fingerprint"] in wanted and trial.confirmed
    )


def _pinned(trial: TrustTrial) -> tuple[tuple[str, str], ...]:
    return _notary_terms(trial.root).fingerprints() if trial.root else ()


def _notary_terms(root: TrustRoot) -> Terms:
    last = root.versions.first()
    terms = read(last.document) if last else None
    if terms is None or terms.kind is not Kind.NOTARY:
        raise ProvingError(f"{root.name} is no root of Notary: the others have no server that shows keys.")
    return terms


def _registry_steps(host: str) -> list[list[str]]:
    try:
        found = registered(host)
        if found is None:
            return [["registry", FAILED, "It is not registered any more."]]
        return [[one.name, one.outcome, one.sentence] for one in probe(found)]
    except TrustError as error:
        return [["registry", FAILED, _sentence(error)]]


def _fetched(trial: TrustTrial) -> tuple[list[list[str]], dict[str, Any]]:
    server = msgspec.convert(trial.server, Server)
    try:
        client = MetadataClient(server.address, private=server.private, plain=server.plain, ca=server.ca or None)
        try:
            found = candidate(client.current(trial.about, "root", MOST_ROOT))
        finally:
            client.close()
    except NotFound:
        return [["root", FAILED, _UNSIGNED]], {}
    except Failure as failure:
        return [["root", FAILED, f"What it shows is no root that one could use: {failure}"]], {}
    except TrustError as error:
        return [["server", FAILED, _sentence(error)]], {}
    return [["root", OK, f"It shows version {found.version} of the root."]], _plain(found)


def _plain(found: Candidate) -> dict[str, Any]:
    return {
        "version": found.version,
        "expires": found.expires.isoformat(),
        "threshold": found.threshold,
        "keys": [_plain_key(key) for key in found.keys],
    }


def _plain_key(key: PublicKey) -> dict[str, str]:
    return {"kind": key.kind, "fingerprint": key.fingerprint, "spki": base64.b64encode(key.spki).decode()}


def _refused(error: Exception, field: str) -> ProvingError:
    return ProvingError(_sentence(error), field)


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
