from __future__ import annotations

import copy
import random
from functools import partial
from typing import Any, cast

import pytest

from fleet.engines import collect
from fleet.engines.reading import looks
from fleet.engines.reading.listing import Listing, Shown
from fleet.engines.reading.plan import Plan, fingerprint, probe_digest, remembered
from fleet.inventory import Gap
from fleet.transport import BadJson, EngineClient
from fleet.transport.replies import decode, items
from tests.fleet.engines.recordings import NOW, Playback, compact, inspect_path, recorded

DOCKER = recorded("docker-20.10") | {"/events": []}
LIST: list[dict[str, Any]] = DOCKER["/containers/json"]
WEB = next(entry for entry in LIST if entry["Names"] == ["/web"])


def listing(body: bytes, gaps: list[Gap] | None = None) -> Listing:
    where = {"address": "engine", "what": "GET /containers/json"}
    return Listing(Shown(items(body, **where) or ()), partial(decode, depth=63, **where), [] if gaps is None else gaps)


def of(*entries: Any) -> Listing:
    return listing(compact(list(entries)))


def shuffled(entry: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """What an engine may say of the same container a little later."""
    entry = copy.deepcopy(entry)
    for name in ("Ports", "Mounts"):
        chance.shuffle(entry[name])
    _, bracket, rest = entry["Status"].partition(" (")
    if entry["Status"].startswith("Up"):
        entry["Status"] = f"Up {chance.randrange(2, 60)} minutes{bracket}{rest}"
    return entry | {"SizeRw": chance.randrange(9)}


def altered(entry: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same container after somebody, or it itself, did something."""
    networks = copy.deepcopy(entry["NetworkSettings"])
    next(iter(networks["Networks"].values()))["IPAddress"] = f"10.0.0.{chance.randrange(256)}"
    change: dict[str, Any] = chance.choice(
        [
            {"State": "exited", "Status": f"Exited ({chance.randrange(1, 99)}) 2 seconds ago"},
            {"Status": "Up 3 minutes (unhealthy)"},
            {"Status": "Up 3 minutes (Paused)", "State": "paused"},
            {"Names": [f"/renamed-{chance.random()}"]},
            {"Image": "sha256:" + "a" * 64},
            {"Ports": [*entry["Ports"], {"PrivatePort": chance.randrange(1, 65536), "Type": "tcp"}]},
            {"NetworkSettings": networks},
        ]
    )
    return entry | change


@pytest.mark.parametrize("seed", range(20))
def test_a_mark_tells_what_a_digest_of_the_parsed_entry_tells(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        before, after = shuffled(chance.choice(LIST), chance), shuffled(chance.choice(LIST), chance)
        if chance.random() < 0.5:
            after = altered(after, chance)
        marks = [looks.mark(compact(one), sized=True) for one in (before, after)]
        assert (marks[0] == marks[1]) == (fingerprint(before) == fingerprint(after))


@pytest.mark.parametrize("seed", range(12))
def test_of_a_list_that_changed_at_random_the_same_comes_as_of_all_parsed_anew(seed: int) -> None:
    chance = random.Random(seed)
    known = collect(cast("EngineClient", Playback(DOCKER)), now=NOW).remembered
    assert known.keys() == {entry["Id"] for entry in LIST}
    others = [entry for entry in LIST if chance.random() < 0.4]
    listed = [altered(one, chance) if one in others else shuffled(one, chance) for one in LIST]
    new = listed[0] | {"Id": "f" * 64, "Names": ["/new"]}
    listed = chance.sample([*listed, new], k=len(listed))
    detail = DOCKER[inspect_path(DOCKER, "web")] | {"Id": new["Id"], "Name": "/new"}
    replies = DOCKER | {"/containers/json": listed, f"/containers/{new['Id']}/json": detail}
    whole = collect(cast("EngineClient", Playback(replies)), now=NOW, plan=Plan())
    little = collect(cast("EngineClient", Playback(replies)), now=NOW, plan=Plan(known=known))
    there = {entry["Id"] for entry in listed}
    assert little.unchanged == there - {one["Id"] for one in (*others, new)}
    assert {one.id: one for one in whole.containers if one.id not in little.unchanged} == {
        one.id: one for one in little.containers
    }
    assert {**known, **little.remembered}.items() >= whole.remembered.items()
    states = {entry["Id"]: entry["State"] for entry in listed}
    assert little.running_unchanged == sum(states[one] == "running" for one in little.unchanged)
    assert (little.looks, little.images, little.gaps) == (whole.looks, whole.images, whole.gaps)


def test_an_entry_that_is_as_it_was_is_not_parsed() -> None:
    parsed: list[bytes] = []

    def parse(entry: bytes) -> object:
        parsed.append(entry)
        return decode(entry, address="", what="", depth=63)

    told = Listing(Shown([compact(one) for one in LIST]), parse, [])
    assert all(told.looks_as(one, mark + "probe!") for one, mark in told.marks.items())
    assert [told.runs(one["Id"]) for one in LIST] == [one["State"] == "running" for one in LIST]
    assert [told.image_of(one["Id"]) for one in LIST] == [one["ImageID"] for one in LIST]
    assert parsed == []
    assert told[WEB["Id"]] == told[WEB["Id"]] == WEB
    assert parsed == [compact(WEB)]


def test_a_container_is_known_again_by_its_entry() -> None:
    known = remembered(of(WEB).marks[WEB["Id"]], "sh -c true", secret=b"s")
    assert of(WEB | {"Status": "Up 9 hours (healthy)"}).looks_as(WEB["Id"], known)
    assert not of(WEB | {"State": "exited"}).looks_as(WEB["Id"], known)
    assert not of(WEB).looks_as(WEB["Id"], None)
    assert not of(WEB).looks_as(WEB["Id"], "")


def test_what_was_remembered_before_there_were_marks_is_known_again() -> None:
    known = fingerprint(WEB) + probe_digest("sh -c true", secret=b"s")
    assert of(WEB).looks_as(WEB["Id"], known)
    assert not of(WEB | {"State": "exited"}).looks_as(WEB["Id"], known)


def test_a_label_that_looks_like_a_status_hides_no_change() -> None:
    labels = {"FailingStreak": "1", "Status": "Up 5 minutes", "a": '"Status":"Up (1)"', "b": ',"SizeRw":1'}
    plain = WEB | {"Labels": labels, "State": "running", "Status": "Up 5 minutes"}
    variants = [
        plain,
        plain | {"State": "paused", "Status": "Up 5 minutes (Paused)"},
        plain | {"Labels": labels | {"a": '"Status":"Up (2)"'}},
        plain | {"Labels": labels | {"b": ',"SizeRw":2'}},
        plain | {"Labels": labels | {"FailingStreak": "2"}},
    ]
    assert len({looks.mark(compact(one), sized=True) for one in variants}) == len(variants)
    later = plain | {"Status": "Up 6 minutes"}
    assert looks.mark(compact(later), sized=True) == looks.mark(compact(plain), sized=True)


def test_what_is_no_container_is_left_out_and_told_of() -> None:
    gaps: list[Gap] = []
    told = listing(compact([WEB, 3, None, ["x"], {}, {"Id": "../x"}, {"Id": 5}, WEB | {"State": "exited"}]), gaps)
    assert told.keys() == {WEB["Id"]}
    assert told[WEB["Id"]]["State"] == "exited"
    assert not told.whole
    assert [gap.reason for gap in gaps] == [
        "3 of 8 entries are no objects",
        "4 of 5 containers have no usable id of their own",
    ]
    assert of(*LIST).whole


@pytest.mark.parametrize("body", [b"null", b"[]"])
def test_an_empty_list_has_no_entries(body: bytes) -> None:
    assert not listing(body)
    assert listing(body).whole


@pytest.mark.parametrize(
    "entry", [b'{"Id":"%s","x":%s1%s}' % (b"a" * 64, b"[" * 70, b"]" * 70), b"[" * 70 + b"]" * 70, b'{"a":1e999}']
)
def test_what_is_too_deep_or_too_large_is_refused_when_it_is_new(entry: bytes) -> None:
    def read() -> None:
        told = listing(b"[" + entry + b"]")
        told.read(told.keys())

    with pytest.raises(BadJson):
        read()


@pytest.mark.parametrize("flaw", [b'"\xff"', b'"\xed\xa0\x80"', b'"\\q"', b'"\1"', b"01", b"NaN", b'"', b"[" * 9999])
def test_a_list_that_is_no_json_anywhere_is_refused_at_once(flaw: bytes) -> None:
    body = compact(LIST)
    with pytest.raises(BadJson):
        items(body[:-2] + b',"x":' + flaw + body[-2:], address="", what="")


def test_what_is_no_list_has_no_items() -> None:
    assert items(b'{"a":[1]}', address="", what="") is None
