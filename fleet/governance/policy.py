"""The policy in force, its drafts and its versions; one document, the same in the database, in YAML and on the page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from fleet.inventory.plain import fingerprint
from fleet.models import Environment, PolicyVersion
from fleet.readiness import catalogue
from fleet.readiness.policy import Policy


class PolicyError(Exception):
    """The document is no policy; the sentence names the place and what was wanted there."""


@dataclass(frozen=True, slots=True)
class InForce:
    """`version` is None while nobody has adopted any; `digest` is equal exactly when the policy is."""

    policy: Policy
    version: int | None
    digest: str


def in_force() -> InForce:
    """The newest adopted policy."""
    row = PolicyVersion.objects.adopted().first()
    if row is None:
        return _in_force(None, None, tuple(settings.LOADLINE_ALLOWED_REGISTRIES))
    document = msgspec.json.encode(row.document, order="deterministic")
    return _in_force(document, row.pk, tuple(settings.LOADLINE_ALLOWED_REGISTRIES))


@lru_cache(maxsize=8)
def _in_force(document: bytes | None, version: int | None, _registries: tuple[str, ...]) -> InForce:
    """Reading it takes longer than judging a container, and every sweep asks for it. The registries of the settings
    are part of what is made, so they are part of what it is kept by.
    """
    policy = read(msgspec.json.decode(document)) if document is not None else Policy()
    return as_if_in_force(policy, version=version)


def as_if_in_force(policy: Policy, *, version: int | None = None) -> InForce:
    """What judging makes of it: without a list of registries of its own it takes LOADLINE_ALLOWED_REGISTRIES."""
    if not policy.allowed_registries and settings.LOADLINE_ALLOWED_REGISTRIES:
        policy = msgspec.structs.replace(policy, allowed_registries=tuple(settings.LOADLINE_ALLOWED_REGISTRIES))
    return InForce(policy, version, fingerprint(plain(policy)))


def read(document: Any) -> Policy:
    """The policy that a plain document describes; raises PolicyError."""
    try:
        policy = msgspec.convert(document, Policy, strict=False)
    except msgspec.ValidationError as error:
        raise PolicyError(str(error).replace("`$.", "`").replace("`$`", "the document")) from error
    _know_names(policy)
    return policy


def _know_names(policy: Policy) -> None:
    """Raises PolicyError for a rule or an environment that is not there, which would silently do nothing."""
    for part in ("severities", "exemptions"):
        for slug in getattr(policy, part):
            if slug not in catalogue.by_slug():
                raise PolicyError(f"`{part}.{slug}`: there is no rule of that name; /rules/ lists them")
    environments = set(Environment.objects.values_list("slug", flat=True))
    entries = [
        (f"{part}.{slug}", entry.where)
        for part in ("severities", "exemptions")
        for slug, rows in getattr(policy, part).items()
        for entry in rows
    ]
    for place, where in [*entries, *(("roles", grant.where) for grant in policy.roles)]:
        for name in where.environments:
            if name not in environments:
                known = ", ".join(sorted(environments))
                raise PolicyError(f"`{place}`: no environment is called {name}; there are {known}")


def plain(policy: Policy) -> dict[str, Any]:
    """The document as JSON keeps it; `read` makes the policy of it again."""
    document: dict[str, Any] = msgspec.to_builtins(policy, str_keys=True)
    return document


def to_yaml(policy: Policy) -> str:
    """For people and version control; keys in the order of the schema."""
    return msgspec.yaml.encode(plain(policy)).decode()


def from_yaml(text: str) -> Policy:
    """Raises PolicyError with the line for what is no YAML, and with the place for what is no policy."""
    try:
        document = msgspec.yaml.decode(text)
    except msgspec.DecodeError as error:
        raise PolicyError(f"This is no YAML: {error}") from error
    if not isinstance(document, dict):
        raise PolicyError("The document must be a mapping, such as `allowed_registries: [registry.internal]`.")
    return read(document)


def schema() -> dict[str, Any]:
    """JSON Schema of the document, for editors and pipelines."""
    return msgspec.json.schema(Policy)


def draft(policy: Policy, *, author: User | None, name: str, note: str, now: datetime) -> PolicyVersion:
    """Keeps a proposal; nothing is judged by it until it is adopted."""
    return PolicyVersion.objects.create(
        document=plain(policy), author=author, author_name=name, note=note[:300], created_at=now
    )


def keep_preview(version: PolicyVersion, told: dict[str, Any], *, against: str) -> None:
    """With the document and the digest of the policy that it compares: only that may be adopted on its strength."""
    version.preview_state = "done"
    version.preview = {**told, "of_document": fingerprint(version.document), "against": against}
    version.save(update_fields=["preview_state", "preview"])


def not_previewed(version: PolicyVersion) -> str:
    """Why nobody knows what adopting this draft would do; empty when somebody could know."""
    if version.preview_state != "done":
        return "What it would change has to be worked out before it can be adopted."
    if version.preview.get("of_document") != fingerprint(version.document):
        return "The document is not the one that this was worked out for; it has to be worked out again."
    if version.preview.get("against") != in_force().digest:
        return "Another policy has come into force since this was worked out; it has to be worked out again."
    return ""


def adopt_previewed(version: PolicyVersion, *, now: datetime) -> None:
    """Adopts exactly what was previewed. Raises PolicyError for anything else."""
    with transaction.atomic():
        # Two admins in one moment would each have been shown what follows the other's policy; the second waits here.
        list(PolicyVersion.objects.select_for_update().values_list("pk"))
        version.refresh_from_db()
        if version.adopted_at is None and (reason := not_previewed(version)):
            raise PolicyError(reason)
        adopt(version, now=now)


def adopt(version: PolicyVersion, *, now: datetime) -> None:
    """From the next sweep of each host on, this version is in force. Adopting one twice does nothing."""
    with transaction.atomic():
        locked = PolicyVersion.objects.select_for_update().get(pk=version.pk)
        if locked.adopted_at is None:
            locked.adopted_at = now
            locked.save(update_fields=["adopted_at"])  # the audit trail says by whom
    version.refresh_from_db()


def differences(old: Policy, new: Policy) -> list[tuple[str, str, str]]:
    """(part, before, after) of every top-level part that differs, as compact JSON."""
    before, after = plain(old), plain(new)
    return [
        (part, json.dumps(before[part], ensure_ascii=False), json.dumps(after[part], ensure_ascii=False))
        for part in before
        if before[part] != after[part]
    ]
