from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from fleet.engines.reading import looks
from fleet.engines.reading.fetch import fetch, fetch_news
from fleet.engines.reading.first import Quiet, Replies
from fleet.engines.reading.plan import Plan, remembered
from fleet.transport import EngineClient, HttpError, Timeout
from tests.fleet.engines.recordings import Playback, compact, recorded

#: A worker of the swarm: a manager's tasks have to be asked for each time.
DOCKER = recorded("docker-20.10")
INFO = DOCKER["/info"] | {"SystemTime": "2026-09-21T14:13:20.250000000Z", "Swarm": {"ControlAvailable": False}}
NOW = 1_790_000_000.25
LIST: list[dict[str, Any]] = DOCKER["/containers/json"]
ENGINE = DOCKER | {"/info": INFO}


def entry(**changes: Any) -> dict[str, Any]:
    ports = [{"IP": ip, "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"} for ip in ("0.0.0.0", "::")]
    plain = {"Id": "a" * 64, "Names": ["/web"], "Ports": ports, "Labels": {}, "State": "running"}
    return {**plain, "Status": "Up 5 minutes (healthy)", "Mounts": [], **changes}


def look_of(*entries: dict[str, Any]) -> str:
    return looks.of_containers(looks.mark(compact(one), sized=True) for one in entries)


@pytest.mark.parametrize(
    "changes",
    [
        {"Status": "Up 6 minutes (healthy)"},
        {"Status": "Up About an hour (healthy)"},
        {"Ports": entry()["Ports"][::-1]},
        {"SizeRw": 12},
        {"Health": {"Status": "healthy", "FailingStreak": 12}},
    ],
)
def test_what_moves_by_itself_is_nothing_new(changes: dict[str, Any]) -> None:
    plain = entry(SizeRw=11, Health={"Status": "healthy", "FailingStreak": 2})
    one, other = plain, plain | changes
    assert look_of(one, entry(Id="b" * 64)) == look_of(other, entry(Id="b" * 64))


@pytest.mark.parametrize(
    "changes",
    [
        {"Status": "Up 5 minutes (unhealthy)"},
        {"Status": "Up 5 minutes"},
        {"Status": "Exited (0) 5 minutes ago"},
        {"State": "paused"},
        {"Health": {"Status": "unhealthy"}},
        {"Names": ["/other"]},
        {"Id": "b" * 64},
        {"Labels": {"Status": "Up 1"}},
        {"Ports": entry()["Ports"][:1]},
        {"Mounts": [{"Type": "volume", "Name": "data"}]},
    ],
)
def test_what_somebody_did_is_something_new(changes: dict[str, Any]) -> None:
    assert look_of(entry()) != look_of(entry(**changes))


def test_an_exit_code_counts_and_the_time_since_does_not() -> None:
    codes = [
        look_of(entry(Status=f"Exited ({code}) {age} ago"))
        for code, age in ((0, "1 second"), (0, "2 days"), (1, "1 second"))
    ]
    assert codes[0] == codes[1] != codes[2]


def test_two_containers_that_change_places_are_something_new() -> None:
    names = [entry(Names=["/a"]), entry(Id="b" * 64, Names=["/b"])]
    states = [entry(State="exited"), entry(Id="b" * 64)]
    assert look_of(*names) != look_of(entry(Names=["/b"]), entry(Id="b" * 64, Names=["/a"]))
    assert look_of(*states) != look_of(entry(), entry(Id="b" * 64, State="exited"))


def test_the_engines_own_time_and_threads_are_nothing_new_and_all_else_is() -> None:
    moved = INFO | {"SystemTime": "2026-09-21T15:00:00Z", "NGoroutines": 99, "NFd": 7}
    assert looks.of_info(compact(INFO)) == looks.of_info(compact(moved))
    assert looks.of_info(compact(INFO)) != looks.of_info(compact(INFO | {"NCPU": 3}))
    assert looks.system_seconds(compact(INFO)) == NOW
    assert looks.system_seconds(b"{}") is None


def known(**changes: Any) -> Plan:
    """The plan of a sweep after one that saw the engine as recorded."""
    replies = fetch(cast("EngineClient", Playback(ENGINE)), plan=Plan())
    assert replies.looks is not None
    few: dict[str, Any] = {"things": False, "sizes": False, "usage": False, "probe": False, "events_since": NOW - 30}
    mark = replace(replies.looks, clock=0)
    return Plan(
        **{
            **few,
            "known": {one["Id"]: remembered(looks.mark(compact(one), sized=True), None, secret=b"") for one in LIST},
            "looks": mark,
            **changes,
        }
    )


def news(replies: dict[str, Any], plan: Plan, now: float = NOW) -> tuple[list[str], Replies | Quiet]:
    client = Playback(replies)
    return client.asked, fetch_news(cast("EngineClient", client), plan=plan, now=now)


def test_an_engine_that_looks_as_it_did_is_asked_three_things() -> None:
    asked, found = news(ENGINE, known())
    assert asked == ["/info", "/events", "/containers/json"]
    assert found == Quiet(NOW)


STOPPED = [{**LIST[0], "State": "exited", "Status": "Exited (0) 1 second ago"}, *LIST[1:]]
UPDATE = {"Type": "container", "Action": "update", "Actor": {"ID": LIST[0]["Id"]}, "timeNano": int(NOW * 1e9)}
PULL = {"Type": "image", "Action": "pull", "Actor": {"ID": "web"}, "timeNano": int(NOW * 1e9)}


@pytest.mark.parametrize(
    "changed",
    [
        {"/info": INFO | {"ServerVersion": "99"}},
        {"/containers/json": STOPPED},
        {"/containers/json": LIST[1:]},
        {"/events": [UPDATE]},
        {"/events": [PULL]},
        {"/events": Timeout("too slow")},
    ],
)
def test_one_that_says_anything_else_is_looked_at_as_ever(changed: dict[str, Any]) -> None:
    asked, found = news(ENGINE | changed, known())
    assert isinstance(found, Replies)
    assert asked.count("/info") == asked.count("/containers/json") == 1
    assert asked.count("/version") == ("/info" in changed)
    assert found.containers.keys() == {one["Id"] for one in (changed.get("/containers/json") or LIST)}
    if "/events" in changed and changed["/events"] == [UPDATE]:
        assert found.container_details.keys() == {LIST[0]["Id"]}


def test_an_engine_that_runs_one_less_is_not_asked_for_its_version() -> None:
    counts = {"Containers": 9, "ContainersRunning": 8, "ContainersPaused": 0, "ContainersStopped": 1, "Images": 77}
    asked, found = news(ENGINE | {"/info": INFO | counts, "/containers/json": STOPPED}, known())
    assert isinstance(found, Replies)
    assert "/version" not in asked
    assert found.looks is not None
    assert (found.looks.api, found.looks.engine) == ("1.41", looks.of_engine(compact(INFO)))
    before = known().looks
    assert before is not None
    asked, _ = news(ENGINE | {"/containers/json": STOPPED}, known(looks=replace(before, engine="")))
    assert "/version" in asked


def test_a_clock_that_was_moved_is_news() -> None:
    assert isinstance(news(ENGINE, known(), now=NOW + 4)[1], Quiet)
    assert isinstance(news(ENGINE, known(), now=NOW + 6)[1], Replies)


def test_an_engine_that_was_put_back_to_an_older_one_is_asked_anew() -> None:
    class Older(Playback):
        def get(self, path: str, params: Any = None, timeout: float | None = None) -> Any:
            if path == "/info" and "/version" not in self.asked:
                raise HttpError("client version 1.99 is too new", status=400)
            return super().get(path, params, timeout)

    client = Older(ENGINE)
    assert isinstance(fetch_news(cast("EngineClient", client), plan=known(), now=NOW), Replies)


def test_what_cannot_be_known_again_by_its_list_has_no_looks() -> None:
    nameless = ENGINE | {"/containers/json": [*LIST, {"Id": "?"}]}
    assert fetch(cast("EngineClient", Playback(nameless)), plan=Plan()).looks is None
    deaf = ENGINE | {"/events": Timeout("too slow")}
    assert fetch(cast("EngineClient", Playback(deaf)), plan=Plan()).looks is None
