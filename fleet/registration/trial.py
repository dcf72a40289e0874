"""Trying an engine out before it is stored: the page begins a trial, a worker runs it, the page settles it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

import msgspec
from django.contrib.auth.models import User

from fleet.models import Host, Trial
from fleet.registration.entry import Entry, taken, validate
from fleet.registration.errors import RegistrationError
from fleet.registration.hosts import Changes, Registered, register, stored_tls, try_entry, update
from fleet.sealing import UnsealError, seal, unseal
from fleet.transport import Limits

#: Shorter than a sweep's: somebody waits for the answer.
TRIAL_LIMITS = Limits(request_seconds=8, sweep_seconds=15)


def begin_trial(entry: Entry, *, by: User | None, now: datetime, host: Host | None = None) -> Trial:
    """Notes what is to be tried. Raises RegistrationError for what needs no connection to see.

    For a registered host, an entry without credentials keeps the stored ones.
    """
    kept = entry if host is None or entry.tls is not None else replace(entry, tls=stored_tls(host))
    valid = validate(kept)
    in_the_way = taken(valid, besides=host)
    if in_the_way is not None:
        raise in_the_way
    sealed = seal(msgspec.json.encode(asdict(kept)).decode())
    return Trial.objects.create(host=host, started_by=by, started_at=now, sealed_entry=sealed)


def run_trial(trial_id: UUID | str, *, now: datetime) -> None:
    """What the worker does; a trial that was forgotten meanwhile is no error."""
    trial = Trial.objects.filter(pk=trial_id, finished_at__isnull=True).first()
    if trial is None:
        return
    try:
        diagnosis = try_entry(entry_of(trial), now=now, limits=TRIAL_LIMITS)
        trial.ok = diagnosis.ok
        trial.steps = [
            {"name": step.name.value, "outcome": step.outcome.value, "sentence": step.sentence}
            for step in diagnosis.steps
        ]
        trial.found = _found(diagnosis.engine, diagnosis.version, diagnosis.api_version)
    except RegistrationError as error:
        trial.ok, trial.steps = False, [{"name": error.field, "outcome": "failed", "sentence": str(error)}]
    trial.finished_at = now
    trial.save(update_fields=["ok", "steps", "found", "finished_at"])


def settle_trial(trial: Trial, *, now: datetime) -> Registered:
    """Stores what was tried, whatever came of it, and forgets the trial. Raises RegistrationError."""
    entry = entry_of(trial)
    if trial.host is None:
        done = register(entry, now=now)
    else:
        changes = Changes(
            name=entry.name,
            url=entry.url,
            environment=entry.environment,
            team=entry.team,
            engine=entry.engine,
            tls=entry.tls,
        )
        done = update(trial.host, changes, now=now)
    trial.delete()
    return done


def entry_of(trial: Trial) -> Entry:
    """What was typed in. Raises RegistrationError when the sealing key was replaced meanwhile."""
    try:
        return msgspec.json.decode(unseal(trial.sealed_entry) or "{}", type=Entry)
    except UnsealError:
        raise RegistrationError(
            "credentials", "The sealing key was replaced meanwhile; fill in the form again."
        ) from None


def _found(engine: str | None, version: str | None, api: str | None) -> str:
    words = " ".join(word for word in (engine, version) if word)
    return f"{words}, API {api}" if words and api else words
