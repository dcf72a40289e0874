from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from fleet.engines.reading import events
from fleet.engines.reading.events import BUFFER, Events, Happened
from fleet.engines.reading.plan import remembered
from fleet.inventory import HandChange
from fleet.transport import BadJson
from fleet.transport.replies import decode
from tests.fleet.engines.recordings import NOW, compact, inspect_path, recorded, snapshot

WEB, DB = "1" * 64, "2" * 64
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


UNTIL = AT.timestamp() + 3600


def read(entries: list[Any], details: dict[str, Any], *, until: float = UNTIL, **more: Any) -> Happened:
    return events.read(told(*entries, until=until), details, **more)


def told(*entries: Any, until: float = UNTIL) -> Events:
    """As a window that holds these and ended then."""
    lines = b"\n".join(compact(entry) for entry in entries)
    return events.told(lines, lambda body: [json.loads(line) for line in body.splitlines()], until=until)


def event(action: object, *, identity: object = WEB, kind: object = "container", after: float = 0) -> dict[str, Any]:
    nano = round((AT.timestamp() + after) * 1e9)
    return {"Type": kind, "Action": action, "Actor": {"ID": identity, "Attributes": {}}, "timeNano": nano}


def probed(*test: object, shell: list[str] | None = None, platform: str = "linux") -> dict[str, object]:
    return {"Config": {"Healthcheck": {"Test": list(test)}, "Shell": shell}, "Platform": platform}


def kinds(happened: Happened, identity: str = WEB) -> list[str]:
    return [one.kind for one in happened.by_container.get(identity, ())]


@pytest.mark.parametrize(
    ("action", "kind"),
    [("exec_create: sh -c true", "exec"), ("extract-to-dir", "copy"), ("commit", "commit"), ("update", "update")],
)
def test_what_is_done_by_hand_is_seen_with_its_time_and_without_its_command(action: str, kind: str) -> None:
    happened = read([event(action)], {WEB: {}})
    assert happened.by_container == {WEB: (HandChange(kind, AT),)}
    assert "true" not in repr(happened)


@pytest.mark.parametrize(
    "action", ["archive-path", "exec_start: sh", "exec_die", "start", "die", "rename", "health_status: healthy", "top"]
)
def test_looking_and_living_are_no_hands(action: str) -> None:
    assert read([event(action)], {WEB: {}}).by_container == {}


@pytest.mark.parametrize("kind", ["service", "network", "image", "volume", None])
def test_the_same_words_about_something_else_are_none_either(kind: object) -> None:
    assert read([event("update", kind=kind), event("commit", kind=kind)], {WEB: {}}).by_container == {}


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("exec_create: true ", probed("CMD", "true")),  # an engine's own blank
        ("exec_create: true", probed("CMD", "true")),
        ("exec_create: curl -f  http://localhost/", probed("CMD", "curl", "-f", "", "http://localhost/")),
        ("exec_create: /bin/sh -c pg_isready || exit 1", probed("CMD-SHELL", "pg_isready || exit 1")),
        ("exec_create: /bin/sh -c  spaced ", probed("CMD-SHELL", " spaced ")),
        ("exec_create: /bin/bash -ec up", probed("CMD-SHELL", "up", shell=["/bin/bash", "-ec"])),
        ("exec_create: cmd /S /C up", probed("CMD-SHELL", "up", platform="windows")),
        ("exec_create: x " + "y" * 9000, probed("CMD", "x", "y" * 9000)),
    ],
)
def test_the_containers_own_probe_is_no_hand(action: str, detail: dict[str, object]) -> None:
    assert read([event(action)], {WEB: detail}) == Happened({}, whole=True)


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("exec_create: sh", probed("CMD", "true")),
        ("exec_create: true", probed("CMD-SHELL", "true")),
        ("exec_create: /bin/sh -c true", probed("CMD", "true")),
        ("exec_create: true ", probed("NONE", "true")),
        ("exec_create: ", probed()),
        ("exec_create: true", {"Config": {"Healthcheck": None}}),
        ("exec_create: true", {"Config": {"Healthcheck": {"Test": "true"}}}),
    ],
)
def test_another_command_than_the_probe_is_one(action: str, detail: dict[str, object]) -> None:
    assert kinds(read([event(action)], {WEB: detail})) == ["exec"]


def test_the_probe_of_another_container_is_no_excuse() -> None:
    entries = [event("exec_create: true ", identity=identity) for identity in (WEB, DB)]
    happened = read(entries, {WEB: {}, DB: probed("CMD", "true")})
    assert (kinds(happened, WEB), kinds(happened, DB)) == (["exec"], [])


def test_an_exec_in_a_container_that_was_not_inspected_leaves_a_hole() -> None:
    happened = read([event("exec_create: sh")], {}, uninspected={WEB})
    assert happened == Happened({}, whole=False)
    assert read([event("update")], {}, uninspected={WEB}).whole


def test_an_exec_in_a_container_that_is_gone_leaves_none() -> None:
    assert read([event("exec_create: sh")], {}) == Happened({}, whole=True)


def test_an_engine_that_told_as_much_as_it_remembers_may_have_forgotten_more() -> None:
    assert read([event("start")] * (BUFFER - 1), {}).whole
    assert not read([event("start")] * BUFFER, {}).whole


def test_what_happened_while_the_engine_was_asked_pushed_others_out() -> None:
    """The window is full of the last seconds, so as much may have happened behind it."""
    half = [event("start", kind="volume", after=number / 100) for number in range(BUFFER // 2)]
    assert not read(half, {}, until=AT.timestamp() + 2).whole
    assert read(half[1:], {}, until=AT.timestamp() + 2).whole
    assert read(half, {}, until=AT.timestamp() + 60).whole


def test_the_newest_twenty_are_kept_oldest_first() -> None:
    happened = read([event("update", after=number) for number in reversed(range(30))], {})
    seconds = [(one.at - AT).total_seconds() for one in happened.by_container[WEB]]
    assert seconds == list(range(10, 30))


@pytest.mark.parametrize(
    "entry",
    [
        *(None, 7, "update", [], {}),
        event(7),
        event("update", identity=None),
        event("update") | {"Actor": "x"},
        *(event("update") | {"timeNano": nano} for nano in (None, True, "1", 10**30)),
    ],
)
def test_an_odd_entry_is_passed_over(entry: object) -> None:
    assert read([entry, event("commit", identity=DB)], {}).by_container == {DB: (HandChange("commit", AT),)}


def test_a_snapshot_tells_it_of_each_container_and_of_the_host() -> None:
    replies = recorded("docker-20.10")
    web = replies[inspect_path(replies, "web")]["Id"]
    seen = snapshot(replies | {"/events": [event("exec_create: MARK-1", identity=web)]})
    told = {facts.name: facts.hand_changes for facts in seen.containers}
    assert told.pop("web") == (HandChange("exec", AT),)
    assert set(told.values()) == {()}
    assert seen.host.events_whole is True
    assert "events" in seen.told
    assert "MARK-1" not in repr(seen)
    assert seen.taken_at == NOW


@pytest.mark.parametrize(
    ("action", "hint"),
    [
        ("update", True),
        ("die", True),
        ("oom", True),
        ("rename", True),
        ("health_status: unhealthy", True),
        ("exec_create: sh -c id", True),
        ("exec_create: sh -c true", False),
        ("exec_start: sh -c id", False),
        ("exec_die", False),
        ("top", False),
        (7, False),
    ],
)
def test_what_the_list_may_not_show_is_a_hint(action: object, *, hint: bool) -> None:
    known = {WEB: remembered("a" * 16, "sh -c true", secret=b"s")}
    assert events.hints(told(event(action)), known, secret=b"s") == ({WEB} if hint else set())


def test_an_exec_in_a_container_that_nobody_knows_is_a_hint() -> None:
    assert events.hints(told(event("exec_create: sh")), {}, secret=b"") == {WEB}


@pytest.mark.parametrize(
    ("kind", "action", "news"),
    [
        ("image", "tag", {"images"}),
        ("volume", "create", {"volumes"}),
        ("network", "destroy", {"networks"}),
        ("plugin", "disable", {"plugins"}),
        ("network", "connect", set()),
        ("volume", "mount", set()),
        ("container", "start", set()),
    ],
)
def test_things_that_come_and_go_are_news_of_things(kind: str, action: str, news: set[str]) -> None:
    assert events.about_things(told(event(action, kind=kind))) == news


def heard(body: bytes) -> Events:
    return events.told(body, partial(decode, address="", what="", depth=64, lines=True), until=UNTIL)


def said(found: Events) -> list[tuple[object, ...]]:
    return [(one.kind, one.action, one.actor.identity, one.nanoseconds) for one in found.telling]


def usual(entry: dict[str, Any]) -> dict[str, Any]:
    actor = entry["Actor"] | {"Attributes": {"name": "web", "image": "web:1", "Action": "update", "Type": "image"}}
    old = {"status": entry["Action"], "id": entry["Actor"]["ID"], "from": "web:1"}
    return old | entry | {"Actor": actor, "scope": "local", "time": 1_790_000_000}


def test_an_event_of_any_shape_says_the_same() -> None:
    actions = ["update", "exec_create: sh -c {[", "exec_start: sh", "exec_die", "pull", "start"]
    plain = [event(action, kind=kind, after=n) for n, action in enumerate(actions) for kind in ("container", "image")]
    lines = b"\n".join(compact(usual(one)) for one in plain)
    odd = lines + b"\n" + compact(event(None) | {"more": [{"deep": 1}]})
    assert heard(lines).count == len(plain) == heard(odd).count - 1
    assert said(heard(odd))[:-1] == said(heard(lines))
    assert {one.action for one in heard(lines).telling if one.kind == "container"} == {*actions[:2], *actions[4:]}


def test_brackets_in_a_text_are_no_depth_and_what_is_too_deep_is_refused() -> None:
    brackets = compact(usual(event("exec_create: " + "{[" * 99)))
    assert heard(brackets).count == 1
    deep: Any = usual(event("update"))
    inner = deep["Actor"]["Attributes"]
    for _ in range(70):
        inner["x"] = inner = {}
    with pytest.raises(BadJson, match="nested absurdly deep"):
        heard(b"\n".join([brackets, b"{}", compact(deep)]))


@pytest.mark.parametrize("flaw", [b'"\xff"', b"NaN", b'"', b"{"])
def test_events_that_are_no_json_are_refused_wherever_it_is(flaw: bytes) -> None:
    body = compact(usual(event("update"))).replace(b'"web"', flaw)
    assert flaw in body
    with pytest.raises(BadJson):
        heard(body)


def test_no_events_are_none() -> None:
    assert heard(b"") == events.NONE
