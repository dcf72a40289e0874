"""What was found out grows old: how fast, and what it says then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.trust.ageing import Aged, aged, due_after, retry_after
from fleet.trust.roots import Kind
from fleet.trust.states import State
from tests.fleet.trust.publishers import NOW

HOUR = timedelta(hours=1)
NEVER = None


def after(hours: float, state: State = State.VERIFIED, **told: object) -> Aged:
    given: dict[str, object] = {"kind": Kind.NOTARY, "checked_at": NOW, "valid_until": None, "obstacle": "", **told}
    return aged(state=state, sentence="Said.", now=NOW + hours * HOUR, **given)  # type: ignore[arg-type]


def test_what_could_not_be_looked_at_again_is_said_for_a_day_more() -> None:
    assert after(24.9, obstacle="No connection.") == Aged(State.VERIFIED, "Said.", fresh=False)
    gone = after(25, obstacle="No connection.")
    assert (gone.state, gone.fresh) == (State.UNREACHABLE, False)
    assert gone.sentence == "No connection. On 2026-11-29 at 12:00 UTC it was verified."


def test_without_a_worker_nothing_stays_green() -> None:
    assert after(24.9).fresh
    assert after(25).state is State.UNREACHABLE
    assert after(47, kind=Kind.COSIGN).state is State.VERIFIED
    assert after(48, kind=Kind.COSIGN).state is State.UNREACHABLE


def test_nothing_is_verified_past_its_own_end() -> None:
    assert after(1.9, valid_until=NOW + 2 * HOUR).state is State.VERIFIED
    assert after(2, valid_until=NOW + 2 * HOUR).state is State.UNREACHABLE


def test_silence_does_not_clear_who_was_caught() -> None:
    assert after(1000, State.INVALID, obstacle="No connection.").state is State.INVALID


def test_what_has_expired_stays_so_past_its_end() -> None:
    assert after(1, State.EXPIRED, valid_until=NOW - HOUR).state is State.EXPIRED


@pytest.mark.parametrize(
    ("state", "kind", "longest"),
    [
        (State.VERIFIED, Kind.COSIGN, 24 * HOUR),
        (State.VERIFIED, Kind.NOTARY, HOUR),
        (State.UNSIGNED, Kind.COSIGN, HOUR),
        (State.INVALID, Kind.COSIGN, HOUR / 4),
    ],
)
def test_looking_again_is_spread_but_by_the_same_image_alike(state: State, kind: Kind, longest: timedelta) -> None:
    dues = [due_after(state, kind, key=str(one), valid_until=None, now=NOW) - NOW for one in range(200)]
    assert 0.8 * longest <= min(dues) < max(dues) <= longest
    assert dues[0] == due_after(state, kind, key="0", valid_until=None, now=NOW) - NOW


def test_what_ends_is_looked_at_when_it_ends() -> None:
    until = NOW + HOUR / 4
    assert due_after(State.VERIFIED, Kind.COSIGN, key="", valid_until=until, now=NOW) == until


def test_tries_are_further_and_further_apart_up_to_some_hours_and_never_sooner_than_the_server_asks() -> None:
    waits = [retry_after(number, key="a", asked=None, now=NOW) - NOW for number in range(1, 30)]
    assert waits == sorted(waits)
    assert timedelta(minutes=5) <= waits[0] <= timedelta(minutes=6)
    assert waits[-1] <= 8 * HOUR
    assert retry_after(1, key="a", asked=3 * HOUR, now=NOW) == NOW + 3 * HOUR
    assert retry_after(10**6, key="a", asked=None, now=NOW) - NOW == waits[-1]


def test_what_a_wrong_clock_dated_is_not_believed_until_then() -> None:
    minute = HOUR / 60
    assert after(0, checked_at=NOW + 5 * minute).state is State.VERIFIED
    ahead = after(0, checked_at=NOW + 6 * minute)
    assert (ahead.state, ahead.fresh) == (State.UNREACHABLE, False)
    assert ahead.sentence.startswith(
        "It was verified on 2026-11-29 at 12:06 UTC, which is yet to come: a worker’s clock"
    )
    assert after(0, State.INVALID, checked_at=NOW + 400 * 24 * HOUR).state is State.INVALID
