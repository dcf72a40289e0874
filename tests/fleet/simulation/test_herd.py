from __future__ import annotations

import json

from fleet.simulation.spec import Life
from tests.fleet.simulation.builders import CHECK, answers, container, get


def test_a_state_that_changes_is_told_anew_on_every_call() -> None:
    subject = answers(container(life=Life(loop=20, exit_code=1)))
    seen = [json.loads(get(subject, "/containers/json", after=at).body)[0] for at in (1, 10, 21)]
    assert [entry["State"] for entry in seen] == ["running", "restarting", "running"]
    networks = [entry["NetworkSettings"]["Networks"]["bridge"]["IPAddress"] for entry in seen]
    assert networks == ["172.17.0.3", "", "172.17.0.3"]


def test_info_counts_what_the_list_shows() -> None:
    lives = (Life(), Life("exited", age=9, ended=1), Life("paused", age=9), Life("created", age=9), Life(loop=20))
    subject = answers(*(container(f"c{number}", life=life) for number, life in enumerate(lives)))
    info = json.loads(get(subject, "/info", after=10).body)
    counted = {
        name: info[name] for name in ("Containers", "ContainersRunning", "ContainersPaused", "ContainersStopped")
    }
    assert counted == {"Containers": 5, "ContainersRunning": 2, "ContainersPaused": 1, "ContainersStopped": 2}


def test_health_in_the_list_follows_the_clock() -> None:
    subject = answers(container(life=Life(age=500, flap=300), health_check=CHECK))
    seen = [json.loads(get(subject, "/containers/json", after=at).body)[0] for at in (1, 250)]
    assert ["(healthy)" in entry["Status"] for entry in seen] == [True, False]
    assert [entry["Health"]["Status"] for entry in seen] == ["healthy", "unhealthy"]
