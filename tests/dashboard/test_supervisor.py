from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.supervisor import Child, Keeper, Plan

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def until(answer: Callable[[], object], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def python(code: str, name: str = "child") -> Child:
    return Child(name, [sys.executable, "-c", code])


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keeper(tmp_path: Path, said: list[str]) -> Iterator[Callable[[Child], Keeper]]:
    made: list[Keeper] = []

    def make(child: Child) -> Keeper:
        made.append(Keeper(child, logs=tmp_path, say=said.append))
        return made[-1]

    yield make
    for each in made:
        each.finish()


def test_a_child_that_ends_is_started_again_after_a_pause(keeper: Callable[[Child], Keeper], said: list[str]) -> None:
    kept = keeper(python("print('out of luck'); raise SystemExit(3)"))
    kept.look_after(0.0)
    until(lambda: not kept.running())
    kept.look_after(1.0)
    assert kept.process is None
    assert said[0].startswith("child stopped (exit code 3); starting it again in 0.5 s.")
    assert said[0].endswith("out of luck")
    kept.look_after(1.4)
    assert kept.process is None
    kept.look_after(1.6)
    assert kept.process is not None


def test_a_child_that_keeps_ending_waits_longer_each_time(keeper: Callable[[Child], Keeper], said: list[str]) -> None:
    kept, now = keeper(python("raise SystemExit(1)")), 0.0
    for _ in range(4):
        kept.look_after(now)
        until(lambda: not kept.running())
        kept.look_after(now)
        now = kept.due
    assert "starting it again in 0.5 s." in said[0]
    assert "4 times in a row); starting it again in 5 s." in said[-1]


def test_a_child_that_ran_for_long_is_started_over_without_a_grudge(
    keeper: Callable[[Child], Keeper], said: list[str]
) -> None:
    kept = keeper(python("raise SystemExit(1)"))
    kept.crashes = 5
    kept.look_after(0.0)
    until(lambda: not kept.running())
    kept.look_after(31.0)
    assert "starting it again in 0.5 s" in said[0]


def test_what_a_child_left_behind_ends_with_it(keeper: Callable[[Child], Keeper], tmp_path: Path) -> None:
    kept = keeper(python(PARENT))
    kept.look_after(0.0)
    log = tmp_path / "child.log"
    until(lambda: log.read_text().strip())
    grandchild = int(log.read_text())
    assert alive(grandchild)
    kept.finish()
    until(lambda: not alive(grandchild))


def test_a_log_that_grew_too_long_is_turned(
    keeper: Callable[[Child], Keeper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.supervisor.LOG_LIMIT", 10)
    kept = keeper(python("print('x' * 50, flush=True); import time; time.sleep(60)"))
    kept.look_after(0.0)
    log = tmp_path / "child.log"
    until(lambda: log.stat().st_size > 10)
    kept.look_after(1.0)
    assert log.stat().st_size == 0
    assert len((tmp_path / "child.log.1").read_text()) == 51


def start(tmp_path: Path, *children: Child) -> subprocess.Popen[str]:
    plan = Plan([*children], logs=str(tmp_path), url="http://x/", probe="http://127.0.0.1:1/", lock=0, started=0)
    argv = [sys.executable, "-m", "dashboard.supervisor", plan.to_json()]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process_also_the_stubborn(tmp_path: Path, number: signal.Signals) -> None:
    supervisor = start(tmp_path, python(STUBBORN, "stubborn"), python(PARENT, "parent"))
    log = tmp_path / "parent.log"
    until(lambda: log.exists() and log.read_text().strip() and (tmp_path / "stubborn.log").read_text().strip())
    grandchild = int(log.read_text())
    began = time.monotonic()
    supervisor.send_signal(number)
    output, _ = supervisor.communicate(timeout=15)
    assert supervisor.returncode == 0
    assert output.endswith("Stopped.\n")
    assert time.monotonic() - began < 12
    assert not alive(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_do_not_outlive_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    supervisor = start(tmp_path, python(code))
    log = tmp_path / "child.log"
    until(lambda: log.exists() and log.read_text().strip())
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.communicate()
    until(lambda: not alive(int(log.read_text())))


def test_whoever_stands_behind_a_child_waits_until_that_one_answers(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    slow = f"import http.server, time; time.sleep(1); print(time.time(), flush=True); http.server.test(port={port})"
    server = Child("server", [sys.executable, "-c", slow], answers_at=port)
    supervisor = start(
        tmp_path, server, python("import time; print(time.time(), flush=True); time.sleep(60)", "second")
    )
    second = tmp_path / "second.log"
    until(lambda: second.exists() and second.read_text())
    assert float((tmp_path / "server.log").read_text().split()[0]) < float(second.read_text())
    supervisor.terminate()
    supervisor.communicate(timeout=15)


def test_a_full_disk_costs_the_old_text_of_a_log_and_ends_nobody(
    keeper: Callable[[Child], Keeper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dashboard.supervisor.LOG_LIMIT", 10)
    child = keeper(python("print('x' * 50, flush=True); import time; time.sleep(60)"))
    child.start(0)
    until((tmp_path / "child.log").read_text)
    monkeypatch.setattr(Path, "write_bytes", full)
    child.look_after(1)
    assert (tmp_path / "child.log").read_text() == ""
    assert child.running()


def test_a_child_without_a_log_runs_all_the_same(
    keeper: Callable[[Child], Keeper], tmp_path: Path, said: list[str]
) -> None:
    (tmp_path / "child.log").symlink_to(tmp_path / "nowhere" / "child.log")
    child = keeper(python("raise SystemExit(3)"))
    child.start(0)
    until(lambda: not child.running())
    child.look_after(1)
    assert "exit code 3" in said[0]
