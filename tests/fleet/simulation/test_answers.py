from __future__ import annotations

import json
from typing import Any

import pytest

from fleet.simulation.releases import V20_DEBIAN
from fleet.simulation.spec import HOUR, Life, Mount, Network, Port, Volume
from tests.fleet.simulation.builders import answers, container, get


def read(subject: Any, target: str, **query: str) -> Any:
    answer = get(subject, target, query)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


@pytest.mark.parametrize("prefix", ["", "/v1.41", "/v1.55"])
def test_every_version_between_oldest_and_newest_is_spoken(prefix: str) -> None:
    assert read(answers(), f"{prefix}/version")["ApiVersion"] == "1.55"


@pytest.mark.parametrize(("version", "why"), [("1.56", "too new"), ("1.39", "too old"), ("2.0", "too new")])
def test_a_version_outside_is_refused(version: str, why: str) -> None:
    answer = get(answers(), f"/v{version}/info")
    assert answer.status == 400
    assert why in json.loads(answer.body)["message"]


def test_a_version_before_json_errors_is_refused_in_plain_text() -> None:
    answer = get(answers(release=V20_DEBIAN), "/v1.11/info")
    assert (answer.status, answer.content_type) == (400, "text/plain")


@pytest.mark.parametrize(
    "target",
    ["/containers/nosuch/json", "/images/nosuch/json", "/networks/nosuch", "/volumes/nosuch", "/nosuch", "/swarm",
     "/containers/web/archive", "/containers/web/logs"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(target: str) -> None:
    answer = get(answers(), target)
    assert answer.status == 404
    assert "message" in json.loads(answer.body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_nothing_can_be_changed(method: str) -> None:
    assert answers().answer(method, "/containers/json", {}, now=0).status == 404


@pytest.mark.parametrize("prefix", ["", "/v1.41"])
def test_the_question_whether_a_proxy_filters_is_answered_as_by_an_engine_without_one(prefix: str) -> None:
    subject = answers(container("web"))
    answer = subject.answer("HEAD", f"{prefix}/containers/{'0' * 64}/archive", {"path": "/"}, now=0)
    assert (answer.status, answer.headers) == (404, subject.headers)
    assert subject.headers["Api-Version"]


@pytest.mark.parametrize("target", ["/services", "/tasks", "/nodes"])
def test_an_engine_outside_a_swarm_says_so(target: str) -> None:
    assert get(answers(), target).status == 503


@pytest.mark.parametrize("part", ["name", "/name", "id", "short"])
def test_a_container_is_found_by_name_and_by_id(part: str) -> None:
    subject = answers(container("web"), container("api"))
    identity = next(e["Id"] for e in read(subject, "/containers/json") if e["Names"] == ["/web"])
    name = {"name": "web", "/name": "web", "id": identity, "short": identity[:12]}[part]
    assert read(subject, f"/containers/{name}/json")["Name"] == "/web"


def test_the_youngest_container_comes_first() -> None:
    subject = answers(container("old", life=Life(age=9 * HOUR)), container("young", life=Life(age=9)))
    assert [entry["Names"] for entry in read(subject, "/containers/json")] == [["/young"], ["/old"]]


def test_only_what_runs_is_listed_until_all_is_asked_for() -> None:
    subject = answers(container("up"), container("down", life=Life("exited", age=9, ended=3)))
    assert len(read(subject, "/containers/json")) == 1
    assert len(read(subject, "/containers/json", all="1")) == 2
    assert len(read(subject, "/containers/json", all="0")) == 1


def test_ports_and_mounts_come_in_another_order_on_another_call() -> None:
    mounts = tuple(Mount("volume", f"/{number}", f"v{number}") for number in range(6))
    ports = tuple(Port(number, 9000 + number) for number in range(1, 7))
    subject = answers(container(ports=ports, mounts=mounts))
    orders = {get(subject, "/containers/json").body for _ in range(5)}
    assert len(orders) > 1
    assert len({json.dumps(_sorted(json.loads(body))) for body in orders}) == 1
    inspected = {get(subject, "/containers/web/json").body for _ in range(5)}
    assert len(inspected) > 1


def _sorted(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**entry, "Ports": sorted(entry["Ports"], key=str), "Mounts": sorted(entry["Mounts"], key=str)}
            for entry in entries]  # fmt: skip


def test_sizes_are_told_when_asked_for_and_a_size_of_zero_is_left_out_of_the_list() -> None:
    subject = answers(container("idle"), container("busy", size_rw=5))
    assert "SizeRw" not in read(subject, "/containers/json")[0]
    sized = {entry["Names"][0]: entry for entry in read(subject, "/containers/json", size="1")}
    assert sized["/busy"]["SizeRw"] == 5
    assert "SizeRw" not in sized["/idle"]
    assert read(subject, "/containers/idle/json", size="1")["SizeRw"] == 0


def test_members_of_a_network_are_told_by_its_inspect_only() -> None:
    subject = answers(container(networks=("app",), network_mode="app"), networks=(Network("app", 20),))
    listed = next(network for network in read(subject, "/networks") if network["Name"] == "app")
    assert listed["Containers"] == {}
    assert [member["Name"] for member in read(subject, "/networks/app")["Containers"].values()] == ["web"]


def test_an_image_is_found_by_tag_by_digest_and_by_id() -> None:
    subject = answers()
    image = read(subject, "/images/json")[0]
    for name in (*image["RepoTags"], *image["RepoDigests"], image["Id"], image["Id"][7:19]):
        assert read(subject, f"/images/{name}/json")["Id"] == image["Id"]


def test_a_dead_volume_plugin_is_warned_of_and_its_volumes_are_still_listed() -> None:
    subject = answers(volumes=(Volume("far", driver="netshare"),), volume_warnings=("list netshare: gone",))
    reply = read(subject, "/volumes")
    assert reply["Warnings"] == ["list netshare: gone"]
    assert [volume["Name"] for volume in reply["Volumes"]] == ["far"]


def test_a_network_that_the_engine_lacks_is_a_mistake_in_the_plan() -> None:
    with pytest.raises(ValueError, match="web wants network nowhere, which one lacks"):
        answers(container(networks=("nowhere",)))
