"""Asking the workers for something now, and what to do when the queue is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kombu.exceptions import OperationalError

# A @shared_task then finds this application and not Celery's default one. Not in AppConfig.ready: most commands ask
# no worker for anything, and loading Celery takes a fifth of what they cost.
from dashboard import celery  # noqa: F401
from dashboard.tasks import mail_report
from fleet.models import EvidencePack, Host, PolicyVersion, ReportMail, ServiceMapping, Trial, TrustDraft, TrustTrial
from fleet.tasks import (
    count,
    make_pack,
    preview_draft,
    preview_mapping,
    preview_root,
    prove_image,
    sweep_now,
    try_endpoint,
    try_trust,
)
from fleet.turns import LONG_SECONDS

#: What a broker raises that is away, and the embedded one whose disk is full.
_AWAY = (OperationalError, OSError)
#: Hosts in one message: a task sweeps them side by side.
_AT_ONCE = 25


def ask_for_sweep(hosts: Sequence[int], *, now: datetime) -> bool:
    """Notes the wish on the hosts, so that pages show progress, and tells the workers.

    False when the queue is away: then the hosts are made due, and the schedule finds them when it runs again.
    """
    Host.objects.filter(pk__in=hosts).update(requested_at=now)
    try:
        for start in range(0, len(hosts), _AT_ONCE):
            sweep_now.apply_async(kwargs={"hosts": list(hosts[start : start + _AT_ONCE])}, queue="now", expires=60)
    except _AWAY:
        Host.objects.filter(pk__in=hosts).update(next_sweep_at=now)
        return False
    return True


def ask_for_preview(version: PolicyVersion) -> bool:
    """Tells the workers to work out what a draft of the policy would change; false when the queue is away."""
    try:
        preview_draft.apply_async(kwargs={"version": version.pk}, queue="long", expires=LONG_SECONDS)
    except _AWAY:
        return False
    return True


def ask_for_mapping(mapping: ServiceMapping) -> bool:
    """Tells the workers to work out what a draft of a mapping would catch; false when the queue is away."""
    try:
        preview_mapping.apply_async(kwargs={"mapping": mapping.pk}, queue="long", expires=LONG_SECONDS)
    except _AWAY:
        return False
    return True


def ask_for_renaming() -> bool:
    """Tells the workers that mappings changed; without a queue the next tick of the schedule finds it."""
    try:
        count.apply_async(queue="long", expires=60)
    except _AWAY:
        return False
    return True


def ask_for_pack(pack: EvidencePack) -> bool:
    """Tells the workers to put an evidence pack together; false when the queue is away."""
    try:
        make_pack.apply_async(kwargs={"pack": pack.pk}, queue="long", expires=LONG_SECONDS)
    except _AWAY:
        return False
    return True


def ask_for_proof(reference: str, image_id: str) -> bool:
    """Tells the workers to look at one image now; false when the queue is away: then it waits for its turn."""
    try:
        kwargs = {"reference": reference, "image_id": image_id}
        prove_image.apply_async(kwargs=kwargs, queue="long", expires=LONG_SECONDS)
    except _AWAY:
        return False
    return True


def ask_for_report_mail(mail: ReportMail) -> bool:
    """Tells the workers to send one report; false when the queue is away, and then the schedule's job finds it."""
    try:
        mail_report.apply_async(kwargs={"mail": mail.pk}, queue="now", expires=120)
    except _AWAY:
        return False
    return True


def ask_for_trial(trial: Trial) -> bool:
    """Tells the workers to run a connection test; false when the queue is away."""
    try:
        try_endpoint.apply_async(kwargs={"trial": str(trial.pk)}, queue="now", expires=120)
    except _AWAY:
        return False
    return True


def ask_for_trust_trial(trial: TrustTrial) -> bool:
    """Tells the workers to ask a registry or a Notary server something; false when the queue is away."""
    try:
        try_trust.apply_async(kwargs={"trial": str(trial.pk)}, queue="now", expires=120)
    except _AWAY:
        return False
    return True


def ask_for_root_preview(draft: TrustDraft) -> bool:
    """Tells the workers to work out for what a draft of a trust root would speak; false when the queue is away."""
    try:
        preview_root.apply_async(kwargs={"draft": str(draft.pk)}, queue="now", expires=120)
    except _AWAY:
        return False
    return True
