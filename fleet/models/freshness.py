"""How a stored verdict is read: one on stale evidence is unknown, even when every worker has died."""

from __future__ import annotations

from django.db.models import BooleanField, Case, CharField, F, IntegerField, Q, Value, When

from fleet.readiness.vocabulary import Verdict


def verdict_now(fresh: Q, field: str = "verdict") -> Case:
    """An expression: the stored verdict where `fresh` holds, else unknown.

    It is worked out when a page asks, not written by a job, because a job that has died cannot mark anything stale.
    """
    return Case(
        When(fresh, then=F(field)),
        default=Value(Verdict.UNKNOWN.value),
        output_field=CharField(max_length=9),
    )


def stale_unless(fresh: Q) -> Case:
    """An expression: whether `fresh` does not hold; a host that never answered is stale, too."""
    return Case(When(fresh, then=Value(value=False)), default=Value(value=True), output_field=BooleanField())


RANKS = {verdict.value: rank for rank, verdict in enumerate(Verdict)}


def rank_now(fresh: Q) -> Case:
    """To sort by, the rank of `verdict_now`; of all hosts that is worked out anew, and so asks once how old each is."""
    return Case(
        When(fresh, then=verdict_rank("verdict")),
        default=Value(RANKS[Verdict.UNKNOWN.value]),
        output_field=IntegerField(),
    )


def verdict_rank(name: str = "verdict_now") -> Case:
    """An expression to sort by, worst verdict first."""
    whens = [When(**{name: verdict}, then=Value(rank)) for verdict, rank in RANKS.items()]
    return Case(*whens, default=Value(len(whens)), output_field=IntegerField())
