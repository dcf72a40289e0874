from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import Any

import pytest

from fleet.simulation.answers import EngineAnswers
from fleet.simulation.churn import churning
from fleet.simulation.population import newer
from fleet.simulation.replies.events import BUFFER
from fleet.simulation.spec import Image, Life, Task
from fleet.simulation.synthesis import synthetic
from tests.fleet.simulation.builders import APP, CHECK, NOW, answers, container, get

RELEASED = dataclasses.replace(APP, reference="registry.internal/shop/web:1.4.0", health_check=CHECK)
PINNED = container(image=RELEASED, reference=RELEASED.pinned)


def listed(subject: EngineAnswers, *, after: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(get(subject, "/containers/json", {"all": "1"}, after=after).body)
    return found


def inspected(subject: EngineAnswers, name: str, *, after: float) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get(subject, f"/containers/{name}/json", after=after).body)
    return found


def told(subject: EngineAnswers, since: float, until: float) -> list[dict[str, Any]]:
    lines = subject.herd.events(since=NOW + since, until=NOW + until, now=NOW + until, api=41)
    return [json.loads(line) for line in lines if b'"exec' not in line]


def actions(subject: EngineAnswers, since: float, until: float) -> list[str]:
    return [event["Action"] for event in told(subject, since, until)]


def test_a_replaced_container_is_another_of_the_same_name_and_a_newer_image() -> None:
    subject = answers(PINNED)
    (old,) = listed(subject, after=9)
    identity, _ = subject.change("replace", now=NOW + 10)
    (new,) = listed(subject, after=11)
    assert (new["Names"], new["Id"]) == (old["Names"], identity)
    assert new["Id"] != old["Id"]
    assert new["Image"].startswith("registry.internal/shop/web:1.4.1@sha256:")
    assert (new["ImageID"] != old["ImageID"], new["Created"]) == (True, int(NOW) + 9)
    detail = inspected(subject, "web", after=11)
    assert (detail["Id"], detail["Config"]["Image"], detail["Image"]) == (new["Id"], new["Image"], new["ImageID"])
    (image,) = json.loads(get(subject, "/images/json", after=11).body)
    assert (image["Id"], image["RepoTags"]) == (new["ImageID"], ["registry.internal/shop/web:1.4.1"])
    assert get(subject, f"/containers/{old['Id']}/json", after=11).status == 404
    happened = told(subject, 9, 11)
    assert [event["Action"] for event in happened] == [
        "pull", "kill", "die", "stop", "destroy", "create", "start", "delete",
    ]  # fmt: skip
    assert [event["Actor"]["ID"] for event in happened] == [
        "registry.internal/shop/web:1.4.1", *[old["Id"]] * 4, *[new["Id"]] * 2, old["ImageID"],
    ]  # fmt: skip


def test_an_image_that_another_container_uses_stays() -> None:
    subject = answers(PINNED, dataclasses.replace(PINNED, name="other"))
    subject.change("replace", now=NOW + 10)
    assert len(json.loads(get(subject, "/images/json", after=11).body)) == 2
    assert "delete" not in actions(subject, 9, 11)


def test_a_new_container_starts_and_is_healthy_after_its_first_probe() -> None:
    subject = answers(PINNED)
    subject.change("replace", now=NOW + 10)
    assert [listed(subject, after=at)[0]["Status"] for at in (12, 41)] == [
        "Up 2 seconds (health: starting)",
        "Up 31 seconds (healthy)",
    ]
    assert inspected(subject, "web", after=41)["State"]["Health"]["Status"] == "healthy"


def test_a_restart_keeps_the_container_and_its_creation() -> None:
    subject = answers(PINNED)
    before, created = listed(subject, after=9)[0], inspected(subject, "web", after=9)["Created"]
    subject.change("restart", now=NOW + 10)
    after, detail = listed(subject, after=13)[0], inspected(subject, "web", after=13)
    assert (after["Id"], after["Created"]) == (before["Id"], before["Created"])
    assert (after["Status"], detail["Created"]) == ("Up 3 seconds (health: starting)", created)
    assert detail["State"]["StartedAt"] == detail["State"]["FinishedAt"]
    endpoints = [entry["NetworkSettings"]["Networks"]["bridge"]["EndpointID"] for entry in (before, after)]
    assert endpoints[0] != endpoints[1]
    assert actions(subject, 9, 11) == ["kill", "die", "stop", "start", "restart"]


def test_one_that_is_stopped_is_told_so_until_it_is_started() -> None:
    subject = answers(PINNED)
    subject.change("stop", now=NOW + 10)
    assert listed(subject, after=12)[0]["Status"] == "Exited (0) 2 seconds ago"
    assert inspected(subject, "web", after=12)["State"]["Running"] is False
    assert json.loads(get(subject, "/info", after=12).body)["ContainersStopped"] == 1
    subject.change("start", now=NOW + 20)
    assert listed(subject, after=55)[0]["Status"] == "Up 35 seconds (healthy)"
    assert actions(subject, 9, 55) == ["kill", "die", "stop", "start"]


def test_health_that_turns_is_told_by_list_inspect_and_events() -> None:
    subject = answers(PINNED)
    subject.change("sicken", now=NOW + 10)
    assert "(unhealthy)" in listed(subject, after=11)[0]["Status"]
    assert inspected(subject, "web", after=11)["State"]["Health"]["Status"] == "unhealthy"
    subject.change("recover", now=NOW + 20)
    assert "(healthy)" in listed(subject, after=21)[0]["Status"]
    assert actions(subject, 9, 21) == ["health_status: unhealthy", "health_status: healthy"]


def test_probes_of_a_container_that_is_gone_are_still_remembered() -> None:
    subject = answers(dataclasses.replace(PINNED, life=Life(age=31)))  # probed at NOW - 1 and at NOW + 29
    subject.change("replace", now=NOW + 40)
    lines = subject.herd.events(since=NOW, until=NOW + 41, now=NOW + 41, api=41)
    assert [b"exec_create" in line for line in lines].count(True) == 1


@pytest.mark.parametrize(
    ("life", "kind"),
    [
        (Life(loop=20), "replace"),
        (Life("exited", age=9, ended=3), "stop"),
        (Life(), "start"),
        (Life(health="unhealthy"), "sicken"),
        (Life(), "recover"),
        (Life("paused"), "restart"),
    ],
)
def test_what_cannot_happen_is_refused(life: Life, kind: str) -> None:
    subject = answers(dataclasses.replace(PINNED, life=life))
    with pytest.raises(ValueError, match=f"{kind} cannot happen to web"):
        subject.change(kind, now=NOW + 1)


def test_tasks_of_a_swarm_are_left_to_the_swarm() -> None:
    subject = answers(dataclasses.replace(PINNED, task=Task("web", 1, "x")))
    with pytest.raises(ValueError, match="replace cannot happen"):
        subject.change("replace", now=NOW + 1)


def test_an_unknown_change_or_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no change is called melt; there are replace, restart"):
        answers(PINNED).change("melt", now=NOW)
    with pytest.raises(ValueError, match="one has no container number 1"):
        answers(PINNED).change("stop", now=NOW, place=1)


def test_a_tag_that_does_not_count_is_pulled_by_nobody() -> None:
    for reference in ("shop:latest", "shop", "registry.internal:5000/shop", "redis:7.2-alpine"):
        image = Image(reference)
        assert newer(image) is image
    assert newer(Image("registry.internal:5000/shop:1.9")).reference == "registry.internal:5000/shop:1.10"


def churned(asked: list[float]) -> EngineAnswers:
    engine = churning(synthetic(engines=1, containers=100), share=0.05).engines[0]
    subject = EngineAnswers(engine, began=NOW)
    for at in asked:
        get(subject, "/info", after=at)
    return subject


def _stable(subject: EngineAnswers, *, after: float) -> list[tuple[str, str, str]]:
    return [(one["Id"], one["Image"], one["Status"]) for one in listed(subject, after=after)]


def test_who_asks_and_how_often_changes_nothing() -> None:
    seldom, often = churned([]), churned([float(at) for at in range(0, 900, 7)])
    assert _stable(seldom, after=900) == _stable(often, after=900)
    windows = [
        subject.herd.events(since=NOW + 890, until=NOW + 900, now=NOW + 900, api=41) for subject in (seldom, often)
    ]
    assert windows[0] == windows[1]
    assert _stable(seldom, after=900) != _stable(churned([]), after=0)


def test_churn_leaves_a_fleet_of_the_same_size_that_mostly_runs() -> None:
    subject = churned([float(at) for at in range(0, 7200, 30)])
    states = Counter(one["State"] for one in listed(subject, after=7200))
    assert states.total() == 100
    assert states["running"] > 90
    assert len(subject.herd.population.log) <= BUFFER


def test_events_tell_of_everything_that_a_list_shows_changed() -> None:
    subject = churned([])
    for number in range(1, 20):
        at = 10.0 * number
        before = {one["Id"]: (one["State"], "unhealthy" in one["Status"]) for one in listed(subject, after=at - 10)}
        now = {one["Id"]: (one["State"], "unhealthy" in one["Status"]) for one in listed(subject, after=at)}
        changed = {identity for identity in before.keys() | now.keys() if before.get(identity) != now.get(identity)}
        assert changed <= {event["Actor"]["ID"] for event in told(subject, at - 10, at)}
