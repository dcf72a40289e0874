"""What is predicted of a lost host, held against a host that is really killed: three engines and a swarm of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from docker.types import Healthcheck, Mount, RestartPolicy, ServiceMode

from fleet.foresight.hanging import hanging, losable_of
from fleet.foresight.losses import Question, answer_of
from fleet.loss import Answer, Fate, StateLost
from fleet.models import Container
from tests.engines.harness import FOREVER, RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.volume_plugin import VolumePlugin
from tests.engines.wires import Switch
from tests.rows import host_row

pytestmark = [pytest.mark.engine, pytest.mark.django_db, pytest.mark.slow]

SECOND = 1_000_000_000
ETCD = "quay.io/coreos/etcd:v3.5"
WELL = {"test": ["CMD-SHELL", "true"], "interval": SECOND // 2, "retries": 1}
ILL = {"test": ["CMD-SHELL", "false"], "interval": SECOND // 2, "retries": 1}
Engines = dict[str, RealEngine]


@pytest.fixture
def engines(engines_possible: None) -> Iterator[Engines]:
    """Three managers of one swarm, that notice within seconds when one of them is gone."""
    with ExitStack() as stack:
        switch = stack.enter_context(Switch())
        found = {name: RealEngine(f"host-{name}", switch=switch) for name in "abc"}
        for engine in found.values():
            stack.callback(engine.stop)
            engine.launch()
        for engine in found.values():
            engine.wait_ready().import_image()
            engine.import_image(ETCD)
        first = found["a"].client.swarm
        first.init(advertise_addr=found["a"].address, dispatcher_heartbeat_period=SECOND)
        for name in "bc":
            found[name].client.swarm.join(
                remote_addrs=[f"{found['a'].address}:2377"],
                join_token=first.attrs["JoinTokens"]["Manager"],
                advertise_addr=found[name].address,
            )
        yield found


def of(service: str) -> dict[str, Any]:
    return {"labels": {"loadline.service": service}, "restart_policy": {"Name": "always"}}


def start_plain(engines: Engines) -> None:
    """What the plain engines run: `c` is the one to be lost."""
    a, b, c = engines.values()
    health = [
        c.run("ledger", volumes={"books": {"bind": "/data"}}, healthcheck=WELL, **of("ledger")),
        a.run("web-1", healthcheck=WELL, **of("web")),
        c.run("web-2", healthcheck=WELL, **of("web")),
        c.run("sick-2", healthcheck=WELL, **of("sick")),
    ]
    ill = a.run("sick-1", healthcheck=ILL, **of("sick"))
    a.run("spare-1", **of("spare"))
    c.create("spare-2", labels={"loadline.service": "spare"})
    c.run("lonely-2", **of("lonely"))
    a.create("lonely-1", labels={"loadline.service": "lonely"})
    a.run("elsewhere", **of("elsewhere"))
    for engine in (a, b, c):
        engine.run(f"ring-{engine.name}", image=ETCD, volumes={"ring": {"bind": "/data"}}, **of("ring"))
    for number, engine in enumerate((a, c, c)):
        engine.run(f"vote-{number}", image=ETCD, volumes={f"vote-{number}": {"bind": "/data"}}, **of("vote"))
    c.run("letters-2", volumes={"letters": {"bind": "/data"}}, **of("letters"))
    a.run("letters-1", **of("letters"))
    c.run("sidecar", network_mode="container:ledger", **of("sidecar"))
    for container, engine in zip(health, (c, a, c, c), strict=True):
        engine.wait_for("healthy", container)
    a.wait_for("unhealthy", ill)


def start_swarm(engines: Engines) -> None:
    """On `c` alone first: what is there stays there when the others take tasks again."""
    manager = engines["a"]
    create = manager.client.services.create
    common: dict[str, Any] = {"image": BUSYBOX, "command": list(FOREVER)}
    availability(manager, "host-a", "drain")
    availability(manager, "host-b", "drain")
    create(name="roaming", healthcheck=Healthcheck(**WELL), **common)
    create(name="pinned", constraints=["node.hostname==host-c"], **common)
    create(name="stuck", restart_policy=RestartPolicy(condition="none"), **common)
    keeping = ["sh", "-c", "[ -e /data/begun ] || date > /data/begun; sleep 1000000"]
    create(name="archive", image=BUSYBOX, command=keeping, mounts=[Mount("/data", "archive", type="volume")])
    wait_for_tasks(manager, {"roaming": 1, "pinned": 1, "stuck": 1, "archive": 1})
    availability(manager, "host-a", "active")
    availability(manager, "host-b", "active")
    create(name="spread", mode=ServiceMode("replicated", replicas=3), maxreplicas=1, **common)
    create(name="agent", mode=ServiceMode("global"), **common)
    wait_for_tasks(manager, {"spread": 3, "agent": 3})


def availability(manager: RealEngine, hostname: str, wanted: str) -> None:
    node = next(one for one in manager.client.nodes.list() if one.attrs["Description"]["Hostname"] == hostname)
    node.update({**node.attrs["Spec"], "Availability": wanted})


def running_tasks(manager: RealEngine) -> Counter[str]:
    """On nodes that are not down; swarm calls a lost node's tasks running until somebody looks at the node."""
    ready = {node.id for node in manager.client.nodes.list() if node.attrs["Status"]["State"] == "ready"}
    found: Counter[str] = Counter()
    for service in manager.client.services.list():
        tasks = service.tasks({"desired-state": "running"})
        found[service.name] = sum(one["Status"]["State"] == "running" and one.get("NodeID") in ready for one in tasks)
    return found


def wait_for_tasks(manager: RealEngine, wanted: dict[str, int], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = running_tasks(manager)
        if all(found[name] >= number for name, number in wanted.items()):
            return
        time.sleep(0.5)
    raise TimeoutError(f"{dict(running_tasks(manager))}, not {wanted}")


def sweep() -> None:
    """As `./loadline sweep` does it, whoever answers."""
    try:
        call_command("sweep", verbosity=0)
    except (CommandError, SystemExit):
        return


def working() -> Counter[str]:
    """By service, the containers that the last sweep saw at work on hosts that answered."""
    rows = Container.objects.present().filter(host__error_code="", state="running")
    return Counter(rows.exclude(health="unhealthy").values_list("service__name", flat=True))


def what_came_true(before: Counter[str], after: Counter[str], needed: dict[str, int]) -> dict[str, Fate]:
    found = {}
    for name, number in before.items():
        left = after[name]
        down = left < needed.get(name, 1)
        found[name] = Fate.DOWN if down else Fate.DEGRADED if left < number else Fate.SURVIVES
    return found


def ask(*hosts: str) -> Answer:
    found = answer_of(Question(hosts=hosts), losable_of({}), now=timezone.now())
    assert found.answer is not None, found.missing
    return found.answer


EXPECTED = {
    "ledger": Fate.DOWN,
    "sidecar": Fate.DOWN,
    "web": Fate.DEGRADED,
    "sick": Fate.DOWN,
    "lonely": Fate.DOWN,
    "spare": Fate.SURVIVES,
    "ring": Fate.DEGRADED,
    "vote": Fate.DOWN,
    "letters": Fate.DEGRADED,
    "roaming": Fate.SURVIVES,
    "pinned": Fate.DOWN,
    "stuck": Fate.DOWN,
    "archive": Fate.DOWN,
    "spread": Fate.DEGRADED,
    "agent": Fate.DEGRADED,
}
#: Members that a vote needs.
NEEDED = {"ring": 2, "vote": 2}


def test_what_is_predicted_of_a_lost_host_comes_true(engines: Engines) -> None:
    with VolumePlugin(engines["c"], "flocker"):
        engines["c"].client.volumes.create("letters", driver="flocker")
        start_plain(engines)
        start_swarm(engines)
        for name, engine in engines.items():
            host_row(name, url=engine.url)
        sweep()
        answer = ask("c")
        before = working()
        ranked, _ = hanging(timezone.now())
        began = marker(engines["c"], "archive")

        engines["c"].kill()
    manager = engines["a"]
    wait_for_node(manager, "host-c", "down")  # until then its tasks count as running
    wait_for_tasks(manager, {"roaming": 1, "archive": 1})
    sweep()
    after = working()

    predicted = {one.case.name: one.fate for one in answer.services}
    assert predicted == EXPECTED
    came = what_came_true(before, after, NEEDED)
    # Swarm has started the archive again, and it begins from nothing: what its users knew is gone.
    assert came.pop("archive") is Fate.SURVIVES
    assert began not in {marker(engine, "archive") for name, engine in engines.items() if name != "c"}
    assert came.pop("elsewhere") is Fate.SURVIVES
    assert came == {name: fate for name, fate in predicted.items() if name != "archive"}

    data = {one.case.name: one.state for one in answer.services}
    assert data["ledger"] is data["archive"] is StateLost.YES
    assert data["roaming"] is data["agent"] is StateLost.NO
    assert data["ring"] is StateLost.NO  # the other members have it
    assert data["vote"] is StateLost.YES
    lost = {one.name for one in answer.volumes if one.lost}
    assert lost >= {"books", "archive", "ring", "vote-1", "vote-2"}
    assert "letters" not in lost  # behind a plugin
    worst = ranked[0]
    assert (worst.name, worst.down, worst.degraded, worst.survives) == (
        "c",
        *(Counter(EXPECTED.values())[fate] for fate in (Fate.DOWN, Fate.DEGRADED, Fate.SURVIVES)),
    )


def test_without_a_majority_of_managers_what_was_lost_stays_lost(engines: Engines) -> None:
    manager = engines["a"]
    availability(manager, "host-a", "drain")
    availability(manager, "host-b", "drain")
    manager.client.services.create(BUSYBOX, command=list(FOREVER), name="roaming")
    wait_for_tasks(manager, {"roaming": 1})
    availability(manager, "host-a", "active")
    for name, engine in engines.items():
        host_row(name, url=engine.url)
    sweep()
    one, two = ask("c"), ask("b", "c")
    assert [found.fate for found in one.services] == [Fate.SURVIVES]
    assert [found.fate for found in two.services] == [Fate.DOWN]
    assert any("no majority" in note for note in two.notes)

    engines["b"].kill()
    engines["c"].kill()
    time.sleep(15)  # three times what swarm takes to start it again when it can
    sweep()
    assert working()["roaming"] == 0


def marker(engine: RealEngine, service: str) -> str:
    """When the data of the service began, as its container on this engine has it; empty without one."""
    label = f"com.docker.swarm.service.name={service}"
    for container in engine.client.containers.list(filters={"label": label}):
        return str(container.exec_run(["cat", "/data/begun"]).output.decode()).strip()
    return ""


def wait_for_node(manager: RealEngine, hostname: str, state: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        nodes = {
            one.attrs["Description"]["Hostname"]: one.attrs["Status"]["State"] for one in manager.client.nodes.list()
        }
        if nodes[hostname] == state:
            return
        time.sleep(0.5)
    raise TimeoutError(f"{hostname} is not {state}: {nodes}")
