"""What the embedded stack costs while nothing happens: memory and processor time of every process, over a minute.

    .venv/bin/python benchmarks/idle.py [--seconds 60] [up's own arguments]

Reads /proc, so it runs on Linux. The stack gets a data folder and a port of its own; the engine at DOCKER_HOST, if
one answers, is the one host.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    pid: int
    command: str
    ticks: int
    pss: int  # KiB: its own memory and its share of what it shares


def tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from tree(int(child))


def look(pid: int) -> Process:
    folder = Path(f"/proc/{pid}")
    words = folder.joinpath("cmdline").read_text().replace("\0", " ").split()
    fields = folder.joinpath("stat").read_text().rpartition(")")[2].split()
    memory = folder.joinpath("smaps_rollup").read_text().partition("\nPss:")[2].split()[0]
    named = " ".join(word for word in words[2:8] if not word.startswith(("-", "{", "fd:")))
    return Process(pid, named, int(fields[11]) + int(fields[12]), int(memory))


def wait_until_ready(url: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(root: int, seconds: float) -> None:
    before = {pid: look(pid) for pid in tree(root)}
    time.sleep(seconds)
    after = {pid: look(pid) for pid in tree(root)}
    total = 0.0
    print(f"{'PSS MiB':>8} {'CPU %':>6}  process")
    for pid, process in after.items():
        share = 100 * (process.ticks - before[pid].ticks if pid in before else process.ticks) / TICKS / seconds
        total += share
        print(f"{process.pss / 1024:8.1f} {share:6.2f}  {pid} {process.command}")
    print(f"{sum(process.pss for process in after.values()) / 1024:8.1f} {total:6.2f}  all {len(after)} processes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--settle", type=float, default=20)
    known, for_up = parser.parse_known_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        began = time.monotonic()
        command = [str(ROOT / "loadline"), "up", "--port", str(port), *(for_up or ["--no-demo"])]
        stack = subprocess.Popen(command, env={**os.environ, "LOADLINE_DATA": data}, stdout=subprocess.DEVNULL)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/readyz", 60)
            print(f"ready after {time.monotonic() - began:.1f} s")
            time.sleep(known.settle)
            measure(stack.pid, known.seconds)
        finally:
            began = time.monotonic()
            stack.terminate()
            stack.wait()
            print(f"stopped after {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
