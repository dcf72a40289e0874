"""The harness itself: what other tests rely on when they ask for a real engine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.namespaces import cgroups_that_begin_with

pytestmark = pytest.mark.engine

_KILLED = """
import os, sys
from tests.engines.harness import RealEngine
from tests.engines.namespaces import cgroups_that_begin_with
engine = RealEngine("doomed").start()
engine.run("child")
print(engine.folder, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_container_runs_and_removing_all_leaves_only_images(engine: RealEngine) -> None:
    container = engine.run("web", ports={"80/tcp": 18080})
    assert container.status == "running"
    engine.client.volumes.create("data")
    engine.client.networks.create("app")

    engine.remove_all()

    assert engine.client.containers.list(all=True) == []
    assert engine.client.volumes.list() == []
    assert {network.name for network in engine.client.networks.list()} == {"bridge", "host", "none"}
    assert engine.client.images.list()


def test_three_engines_are_three_hosts_and_two_of_them_one_swarm(three_engines: ThreeEngines) -> None:
    trio = (three_engines.secured, three_engines.manager, three_engines.worker)
    assert len({engine.client.info()["ID"] for engine in trio}) == 3
    nodes = {node.attrs["Description"]["Hostname"] for node in three_engines.manager.client.nodes.list()}
    assert nodes == {"manager", "worker"}


def test_an_engine_with_tls_turns_away_who_has_no_certificate(three_engines: ThreeEngines) -> None:
    url = three_engines.secured.tls_url.replace("tcp://", "https://")
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/_ping", timeout=5)


def test_a_killed_test_run_leaves_no_process_and_no_mount(engines_possible: None) -> None:
    root = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED], cwd=root, env=os.environ, capture_output=True, text=True, check=False
    )
    folder = killed.stdout.strip()
    assert folder, killed.stderr
    assert folder not in Path("/proc/self/mountinfo").read_text()
    deadline = time.monotonic() + 10
    while _processes_that_mention(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _processes_that_mention(folder)

    with RealEngine("next"):
        assert not Path(folder).exists(), "the next engine clears away what the killed run left"


def test_an_engine_may_look_like_another_machine_and_report_anothers_id(engine: RealEngine) -> None:
    release = 'ID=ubuntu\nVERSION_ID="16.04"\nPRETTY_NAME="Ubuntu 16.04.7 LTS"\n'
    arguments = ("--label", "env=prod", "--live-restore")
    with RealEngine("clone", arguments=arguments, binds={"/etc/os-release": release}, engine_id_of=engine) as clone:
        told = clone.client.info()
    assert told["ID"] == engine.client.info()["ID"]
    assert (told["OperatingSystem"], told["OSVersion"], told["Name"]) == ("Ubuntu 16.04.7 LTS", "16.04", "clone")
    assert (told["Labels"], told["LiveRestoreEnabled"]) == (["env=prod"], True)


def test_a_paused_engine_hangs_until_it_is_resumed(engine: RealEngine) -> None:
    engine.pause()
    try:
        with socket.socket(socket.AF_UNIX) as asker:
            asker.settimeout(0.5)
            asker.connect(str(engine.socket))
            asker.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            with pytest.raises(TimeoutError):
                asker.recv(1)
    finally:
        engine.resume()
    assert engine.client.ping()


def test_an_engine_with_a_paused_container_ends_like_any_other(engines_possible: None) -> None:
    with RealEngine("frozen") as frozen:
        frozen.run("paused").pause()
        folder = str(frozen.folder)
    assert not _processes_that_mention(folder)
    assert not cgroups_that_begin_with(Path(folder).name)


def test_an_engine_that_does_not_start_says_why(engines_possible: None) -> None:
    with pytest.raises(RuntimeError, match="unknown flag: --no-such-flag"):
        RealEngine("broken", arguments=("--no-such-flag",)).start()


def _processes_that_mention(text: str) -> list[str]:
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in words:
            found.append(words)
    return found
