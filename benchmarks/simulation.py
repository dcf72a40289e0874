"""What simulated engines cost, so that a benchmark against them can tell its own cost from theirs.

    .venv/bin/python benchmarks/simulation.py [--engines 100] [--containers 100] [--base-port 24000]

Prints the simulator's memory, and for one call of each kind to every engine its CPU time per call.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
LIST = "/v1.41/containers/json?all=1"
IDLE_SECONDS = 10.0


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> int:
    """Resident mebibytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


@contextmanager
def simulator(engines: int, containers: int, base_port: int) -> Iterator[tuple[int, list[str]]]:
    """Its process and its hosts' addresses."""
    numbers = {"--engines": engines, "--containers": containers, "--base-port": base_port}
    words = [word for name, number in numbers.items() for word in (name, str(number))]
    command = [sys.executable, str(ROOT / "manage.py"), "simulate", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the simulator has no output")
        try:
            lines = [process.stdout.readline().split() for _ in range(engines)]
            yield process.pid, [line[1] for line in lines]
        finally:
            process.terminate()


Get = Callable[[str], bytes]


def everyone(hosts: list[str], ask: Callable[[Get], int]) -> int:
    """How many calls it took to ask every host, over one connection each."""
    calls = 0
    for url in hosts:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

        def get(path: str, connection: http.client.HTTPConnection = connection) -> bytes:
            connection.request("GET", path)
            return connection.getresponse().read()

        calls += ask(get)
        connection.close()
    return calls


def once(path: str) -> Callable[[Get], int]:
    return lambda get: bool(get(path))


def minute_of_events(get: Get) -> int:
    now = int(time.time())
    return bool(get(f"/events?since={now - 60}&until={now}"))


def quiet_sweep(get: Get) -> int:
    """What Loadline asks for when nothing changed, over one connection."""
    now = int(time.time())
    for path in ("/version", "/v1.41/info", f"/v1.41/events?since={now - 30}&until={now}", LIST):
        get(path)
    return 1


def inspect_all(get: Get) -> int:
    entries = json.loads(get(LIST))
    for entry in entries:
        get(f"/v1.41/containers/{entry['Id']}/json")
    return 1 + len(entries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=int, default=100)
    parser.add_argument("--containers", type=int, default=100)
    parser.add_argument("--base-port", type=int, default=24000)
    options = parser.parse_args()
    started = time.monotonic()
    with simulator(options.engines, options.containers, options.base_port) as (process, hosts):
        print(f"{options.engines} engines x {options.containers} containers answer after "
              f"{time.monotonic() - started:.1f} s; {memory(process)} MiB")  # fmt: skip
        before = cpu_seconds(process)
        time.sleep(IDLE_SECONDS)
        print(f"idle: {(cpu_seconds(process) - before) / IDLE_SECONDS:.2%} of a core")
        calls = {
            "list, first": once(LIST),
            "list, again": once(LIST),
            "info": once("/info"),
            "a minute of events": minute_of_events,
            "images": once("/images/json"),
            "a quiet sweep": quiet_sweep,
            "inspect": inspect_all,
        }
        print(f"{'call':<20}{'calls':>8}{'wall ms':>10}{'simulator ms':>14}{'MiB':>6}   (ms per call)")
        for name, ask in calls.items():
            cpu, began = cpu_seconds(process), time.monotonic()
            count = everyone(hosts, ask)
            wall, used = time.monotonic() - began, cpu_seconds(process) - cpu
            print(f"{name:<20}{count:>8}{wall / count * 1e3:>10.2f}{used / count * 1e3:>14.2f}{memory(process):>6}")


if __name__ == "__main__":
    main()
