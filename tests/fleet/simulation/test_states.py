from __future__ import annotations

from fleet.simulation.spec import Life
from fleet.simulation.states import State, state_at
from tests.fleet.simulation.builders import CHECK, NOW, container


def at(life: Life, *, after: float = 0.0, checked: bool = False) -> State:
    return state_at(container(life=life, health_check=CHECK if checked else None), began=NOW, now=NOW + after)


def test_the_words_move_with_the_clock() -> None:
    life = Life(age=41)
    assert at(life).words == "Up 41 seconds"
    assert at(life, after=1).words == "Up 42 seconds"


def test_health_is_told_only_with_a_health_check() -> None:
    assert at(Life(age=5)).words == "Up 5 seconds"
    assert at(Life(age=5), checked=True).words == "Up 5 seconds (healthy)"
    assert at(Life(age=5, health="starting"), checked=True).words == "Up 5 seconds (health: starting)"


def test_a_stopped_container_is_unhealthy_as_engines_say() -> None:
    state = at(Life("exited", age=9, ended=3, exit_code=137), checked=True)
    assert (state.words, state.health) == ("Exited (137) 3 seconds ago", "unhealthy")


def test_a_crash_loop_counts_its_restarts_and_is_up_for_a_moment_only() -> None:
    life = Life(loop=20, exit_code=3, restarts=10)
    assert (at(life, after=1).name, at(life, after=1).restarts) == ("running", 10)
    later = at(life, after=65)
    assert (later.name, later.restarts, later.exit_code) == ("restarting", 13, 3)
    assert later.words == "Restarting (3) 1 second ago"
    assert later.finished > later.started


def test_a_flapping_container_falls_ill_for_the_last_fifth() -> None:
    life = Life(age=500, flap=300)
    assert at(life, after=239, checked=True).health == "healthy"
    ill = at(life, after=241, checked=True)
    assert (ill.health, ill.failing_streak) == ("unhealthy", 3)
    assert at(life, after=301, checked=True).health == "healthy"


def test_a_container_that_never_started_has_no_times() -> None:
    state = at(Life("created", age=9))
    assert (state.words, state.started, state.finished, state.up) == ("Created", 0.0, 0.0, False)
