from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any, cast

import pytest

from fleet.engines.reading import events, looks
from fleet.engines.reading.fetch import VOLUMES_SECONDS, fetch
from fleet.engines.reading.first import Replies
from fleet.engines.reading.plan import RESTLESS, Plan, remembered
from fleet.transport import EngineClient, Forbidden, NotFound, Timeout
from tests.fleet.engines.recordings import Playback, compact, inspect_path, recorded

DOCKER = recorded("docker-20.10")


def play(replies: dict[str, Any]) -> tuple[Playback, Replies]:
    client = Playback(replies)
    return client, fetch(cast("EngineClient", client), plan=Plan(), clock=itertools.count(0.0, 1.0).__next__)


def many(count: int) -> dict[str, Any]:
    """An engine that lists this many containers and inspects none."""
    listed = [{"Id": f"{number:064x}", "Names": [f"/c{number}"]} for number in range(count)]
    return DOCKER | {"/containers/json": listed} | {f"/containers/{e['Id']}/json": Timeout("too slow") for e in listed}


def test_the_middle_of_the_info_request_is_measured() -> None:
    _, replies = play(DOCKER)
    assert (replies.info_asked_at, replies.info_round_trip) == (1.5, 1.0)


def test_each_container_and_each_used_image_is_inspected_once() -> None:
    client, _ = play(DOCKER)
    inspected = [path for path in client.asked if path.endswith("/json") and path.count("/") == 3]
    assert len(inspected) == len(set(inspected)) == 6


def test_swarm_is_asked_for_where_there_is_control_only() -> None:
    client, _ = play(DOCKER)
    assert {"/services", "/tasks", "/nodes"} <= set(client.asked)
    client, _ = play(DOCKER | {"/info": {}})
    assert not {"/services", "/tasks", "/nodes"} & set(client.asked)


def test_an_engine_that_stopped_answering_is_not_asked_for_every_container() -> None:
    client, replies = play(many(50))
    assert len([path for path in client.asked if path.startswith("/containers/0")]) == 3
    assert [gap.reason for gap in replies.gaps] == ["50 of 50 containers could not be inspected: too slow"]


def test_failures_here_and_there_do_not_end_the_round() -> None:
    replies = DOCKER | {inspect_path(DOCKER, "web"): Forbidden("no", status=403)}
    _, told = play(replies)
    assert len(told.container_details) == 4
    assert [gap.reason for gap in told.gaps] == ["1 of 5 containers could not be inspected: no"]


@pytest.mark.parametrize("identity", ["../../swarm", "", None, 7, "x" * 64, "a" * 500])
def test_an_id_that_is_none_never_gets_into_a_path(identity: Any) -> None:
    entries = [*DOCKER["/containers/json"], {"Id": identity, "Names": ["/evil"]}]
    client, replies = play(DOCKER | {"/containers/json": entries})
    assert not [path for path in client.asked if path == f"/containers/{identity}/json"]
    assert [gap.reason for gap in replies.gaps] == ["1 of 6 containers have no usable id of their own"]


def test_an_entry_that_is_no_object_is_a_gap() -> None:
    _, replies = play(DOCKER | {"/networks": [*DOCKER["/networks"], 7]})
    assert len(replies.networks or ()) == 4
    assert [(gap.endpoint, gap.reason) for gap in replies.gaps] == [("/networks", "1 of 5 entries are no objects")]


def test_an_image_that_was_removed_meanwhile_is_no_gap() -> None:
    path = next(path for path in DOCKER if path.startswith("/images/sha256:"))
    _, replies = play(DOCKER | {path: NotFound("no such image", status=404)})
    assert (replies.image_details, replies.gaps) == ({}, [])


def test_volumes_may_take_longer_than_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, float | None] = {}
    plain = Playback.get

    def get(self: Playback, path: str, params: Any = None, timeout: float | None = None) -> Any:
        given[path] = timeout
        return plain(self, path, params, timeout)

    monkeypatch.setattr(Playback, "get", get)
    play(DOCKER)
    assert given["/volumes"] == VOLUMES_SECONDS > 15
    assert given["/networks"] is None


class _Windows(Playback):
    """Remembers what was asked of /events."""

    def get(self, path: str, params: Any = None, timeout: float | None = None) -> Any:
        if path == "/events":
            self.window = (params, timeout)
        return super().get(path, params, timeout)


def events_of(replies: dict[str, Any], since: float | None = None) -> tuple[_Windows, Replies]:
    client = _Windows(replies)
    return client, fetch(cast("EngineClient", client), plan=Plan(events_since=since))


def test_events_are_asked_for_by_the_engines_clock_from_where_the_last_sweep_ended() -> None:
    now = 1_790_000_000.25
    told = DOCKER | {"/info": DOCKER["/info"] | {"SystemTime": "2026-09-21T14:13:20.250000000Z"}}
    client, replies = events_of(told, now - 30)
    assert client.window == ({"since": f"{now - 30:.6f}", "until": f"{now:.6f}"}, None)
    assert (replies.events, replies.events_until) == (events.NONE, now)


@pytest.mark.parametrize("since", [None, 4_000_000_000.0])
def test_without_an_earlier_sweep_or_after_the_clock_was_put_back_they_are_those_of_a_day(since: float | None) -> None:
    client, replies = events_of(DOCKER, since)
    window = {name: float(value) for name, value in client.window[0].items()}
    assert window["until"] - window["since"] == pytest.approx(86_400)
    assert window["until"] == pytest.approx(replies.events_until or 0)


def test_events_that_were_not_told_are_a_gap_and_the_next_window_begins_where_this_one_did() -> None:
    _, replies = events_of(DOCKER | {"/events": Timeout("too slow")})
    assert (replies.events, replies.events_until) == (None, None)
    assert [(gap.endpoint, gap.reason) for gap in replies.gaps] == [("/events", "too slow")]


@pytest.mark.parametrize("replies", [recorded("podman-4.3.1"), DOCKER | {"/info": {}}])
def test_podman_and_an_engine_without_a_clock_are_not_asked_for_events(replies: dict[str, Any]) -> None:
    client, told = events_of(replies)
    assert "/events" not in client.asked
    assert told.events is None


def test_whether_a_proxy_filters_is_asked_when_it_is_due_only() -> None:
    client = Playback(DOCKER)
    told = fetch(cast("EngineClient", client), plan=Plan(probe=False))
    assert "probe" not in client.asked
    assert told.archive_probe is None
    client, told = play(DOCKER)
    assert client.asked[-1] == "probe"
    assert told.archive_probe == 404


def test_a_question_about_a_proxy_that_is_not_answered_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def probe(_: Playback) -> int:
        raise Timeout("too slow")

    monkeypatch.setattr(Playback, "probe", probe)
    _, told = play(DOCKER)
    assert told.archive_probe is None
    assert [(gap.endpoint, gap.reason) for gap in told.gaps] == [("HEAD /containers/{id}/archive", "too slow")]


def known_to(replies: dict[str, Any], **less: Any) -> Plan:
    """The plan of a sweep after one that saw this."""
    known = {
        entry["Id"]: remembered(looks.mark(compact(entry), sized=False), None, secret=b"")
        for entry in replies["/containers/json"]
    }
    few: dict[str, Any] = {"things": False, "sizes": False, "usage": False, "probe": False}
    return Plan(known=known, **{**few, **less})


def again(replies: dict[str, Any], plan: Plan) -> tuple[set[str], Replies]:
    """What is asked, and what comes of it."""
    client = Playback(replies)
    told = fetch(cast("EngineClient", client), plan=plan)
    return set(client.asked), told


SWARM = {"/services", "/tasks", "/nodes"}
LITTLE = {"/version", "/info", "/events", "/containers/json"}


def test_where_nothing_changed_little_is_asked() -> None:
    asked, told = again(DOCKER, known_to(DOCKER))
    assert asked == LITTLE | SWARM
    assert told.unchanged == {entry["Id"] for entry in DOCKER["/containers/json"]}
    assert not told.things
    assert told.gaps == []


def test_a_container_whose_turn_it_is_is_inspected_and_nothing_else() -> None:
    one = DOCKER["/containers/json"][0]["Id"]
    asked, told = again(DOCKER, known_to(DOCKER, due=frozenset({one})))
    assert asked == LITTLE | SWARM | {f"/containers/{one}/json"}
    assert told.container_details.keys() == {one}


def test_a_container_that_an_event_tells_of_is_inspected() -> None:
    one = DOCKER["/containers/json"][0]["Id"]
    updated = {"Type": "container", "Action": "update", "Actor": {"ID": one}, "timeNano": 1}
    asked, _ = again(DOCKER | {"/events": [updated]}, known_to(DOCKER))
    assert asked == LITTLE | SWARM | {f"/containers/{one}/json"}


@pytest.mark.parametrize("changes", [{"State": "exited"}, {"Id": "f" * 64}])
def test_a_container_that_is_new_or_another_is_inspected_and_so_are_images_when_its_own_is_unknown(
    changes: Any,
) -> None:
    first, *others = DOCKER["/containers/json"]
    listed = [{**first, **changes}, *others]
    asked, told = again(DOCKER | {"/containers/json": listed}, known_to(DOCKER))
    assert {f"/containers/{listed[0]['Id']}/json", "/images/json"} <= asked
    assert not {"/networks", "/volumes", "/plugins", *(f"/containers/{entry['Id']}/json" for entry in others)} & asked
    assert told.things == {"images"}


@pytest.mark.parametrize("changes", [{"State": "exited"}, {"Id": "f" * 64}])
def test_of_a_new_container_with_a_known_image_the_events_tell_whether_more_is_new(changes: Any) -> None:
    first, *others = DOCKER["/containers/json"]
    entry = {**first, **changes}
    replies = DOCKER | {"/containers/json": [entry, *others]}
    if "Id" in changes:
        replies[f"/containers/{entry['Id']}/json"] = DOCKER[f"/containers/{first['Id']}/json"]
    known = dict.fromkeys([DOCKER[f"/containers/{first['Id']}/json"]["Image"]], False)
    asked, told = again(replies, known_to(DOCKER, images=known))
    assert asked == LITTLE | SWARM | {f"/containers/{entry['Id']}/json"}
    assert not told.things
    forgotten = [{"Type": "container", "Action": "top", "Actor": {"ID": "x"}, "timeNano": 1}] * 256
    asked, told = again(replies | {"/events": forgotten}, known_to(DOCKER, images=known))
    assert set(OF_KIND.values()) <= asked
    assert told.things == OF_KIND.keys()


OF_KIND = {"images": "/images/json", "networks": "/networks", "volumes": "/volumes", "plugins": "/plugins"}


@pytest.mark.parametrize("kind", ["networks", "volumes", "plugins"])
def test_what_an_event_tells_of_is_asked_for_and_nothing_else(kind: str) -> None:
    happened = {"Type": kind.removesuffix("s"), "Action": "create", "Actor": {"ID": "x"}, "timeNano": 1}
    asked, told = again(DOCKER | {"/events": [happened]}, known_to(DOCKER))
    assert asked == LITTLE | SWARM | {OF_KIND[kind]}
    assert told.things == {kind}


def test_one_that_cannot_be_relied_on_is_inspected_each_time_and_is_no_news() -> None:
    plan = known_to(DOCKER)
    one = DOCKER["/containers/json"][0]["Id"]
    asked, told = again(
        DOCKER, Plan(known={**plan.known, one: ""}, things=False, sizes=False, usage=False, probe=False)
    )
    assert asked == LITTLE | SWARM | {f"/containers/{one}/json"}
    assert not told.things


def test_an_image_that_was_tagged_is_asked_for() -> None:
    tagged = {"Type": "image", "Action": "tag", "Actor": {"ID": "x"}, "timeNano": 1}
    asked, _ = again(DOCKER | {"/events": [tagged]}, known_to(DOCKER))
    assert "/images/json" in asked


IMAGE = next(path.split("/")[2] for path in DOCKER if path.startswith("/images/sha256:"))


def inspected_images(replies: dict[str, Any], **plan: Any) -> set[str]:
    asked, _ = again(replies, known_to(replies, things=True, **plan))
    return {path.split("/")[2] for path in asked if path.startswith("/images/sha256:")}


def test_an_image_is_inspected_once_an_hour_and_when_an_event_names_it() -> None:
    used = inspected_images(DOCKER)
    assert IMAGE in used
    known = dict.fromkeys(used, False)
    assert inspected_images(DOCKER, images=known) == set()
    assert inspected_images(DOCKER, images=known | {IMAGE: True}) == {IMAGE}
    assert inspected_images(DOCKER, images=dict.fromkeys(used - {IMAGE}, False)) == {IMAGE}
    entry = next(one for one in DOCKER["/images/json"] if one["Id"] == IMAGE)
    pulled = {"Type": "image", "Action": "pull", "Actor": {"ID": (entry["RepoTags"] or [IMAGE])[0]}}
    assert inspected_images(DOCKER | {"/events": [pulled]}, images=known) == {IMAGE}
    odd = {"Type": "image", "Action": "pull", "Actor": {"ID": [7]}}
    assert inspected_images(DOCKER | {"/events": [odd]}, images=known) == set()


def test_what_restarted_of_late_is_inspected_when_events_may_be_missing_or_time_passed() -> None:
    plan = known_to(DOCKER)
    first = DOCKER["/containers/json"][0]["Id"]
    known = {**plan.known, first: plan.known[first] + RESTLESS}
    probe = {"Type": "container", "Action": "top", "Actor": {"ID": first}, "timeNano": 1}
    assert again(DOCKER, replace(plan, known=known))[1].container_details == {}
    assert again(DOCKER, replace(plan, known=known, restless=True))[1].container_details.keys() == {first}
    full = DOCKER | {"/events": [probe] * 256}
    assert again(full, replace(plan, known=known))[1].container_details.keys() == {first}
    assert again(full, plan)[1].container_details == {}
