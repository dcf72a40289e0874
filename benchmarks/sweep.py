"""What one sweep of one host costs, in one run beside what the docker SDK needs only to list the same containers.

    sudo .venv/bin/python benchmarks/sweep.py                       # starts an engine with 100 running containers
    .venv/bin/python benchmarks/sweep.py --url unix:///var/run/docker.sock   # an engine as it is
    .venv/bin/python benchmarks/sweep.py --simulated                # a simulated engine; its own cost is in the figures

A sweep is everything: asking, recording and judging. Cold is the first one of an empty database, quiet one that finds
nothing changed, churn one that finds another container on the host. Each line is the median of the rounds.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import docker  # noqa: E402

Timing = tuple[float, float]  # seconds on the wall, seconds of processor time, that of started processes included


def processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(work: Callable[[], object]) -> Timing:
    wall, busy = time.perf_counter(), processor()
    work()
    return time.perf_counter() - wall, processor() - busy


def show(name: str, timings: list[Timing], *, than: float | None = None) -> float:
    wall = statistics.median(timing[0] for timing in timings)
    busy = statistics.median(timing[1] for timing in timings)
    ratio = f"  {wall / than:5.2f} times the SDK's list" if than else ""
    print(f"{name:<34} {1000 * wall:8.0f} ms {1000 * busy:8.0f} ms CPU{ratio}", flush=True)
    return wall


@contextmanager
def engine(containers: int) -> Iterator[str]:
    from tests.engines.harness import RealEngine

    with RealEngine("benchmark") as started:
        started.import_image()
        for number in range(containers):
            started.run(
                f"web-{number}", environment={"A": "b"}, labels={"team": "shop"}, restart_policy={"Name": "always"}
            )
        yield started.url


@contextmanager
def simulated(containers: int) -> Iterator[str]:
    words = ("simulate", "--engines", "1", "--containers", str(containers), "--base-port", "28900")
    with subprocess.Popen([sys.executable, ROOT / "manage.py", *words], stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the simulator has no output")
        try:
            yield process.stdout.readline().split()[1]
        finally:
            process.terminate()


def sdk_list(url: str) -> Callable[[], object]:
    client = docker.DockerClient(base_url=url, version="auto")
    return lambda: client.containers.list(all=True)


def register(url: str) -> Any:
    from django.utils import timezone

    from fleet.models import Environment, Host

    Host.objects.all().delete()
    now, production = timezone.now(), Environment.objects.get(slug="production")
    return Host.objects.create(name="one", url=url, environment=production, registered_at=now, next_sweep_at=now)


def sweep_once(host: Any) -> int:
    from django.utils import timezone

    from fleet.sweeping import claim_hosts, sweep_claimed

    (swept,) = [one for shard in claim_hosts([host.pk], timezone.now()) for one in sweep_claimed(shard)]
    if not swept.ok:
        raise RuntimeError(swept.error)
    return swept.containers


def inside(url: str, rounds: int, listing: float) -> None:
    """In a process that is up, as the worker is."""
    cold: list[Timing] = []
    quiet: list[Timing] = []
    sweep_once(register(url))  # warms what a worker has warm: imports, connections, compiled queries
    for _ in range(rounds):
        host = register(url)
        cold.append(timed(lambda: sweep_once(host)))  # noqa: B023 - called at once
        quiet.append(timed(lambda: sweep_once(host)))  # noqa: B023
    show("sweep, cold", cold, than=listing)
    show("sweep, quiet", quiet, than=listing)
    show("sweep, churn", [_churned(url, host, number) for number in range(rounds)], than=listing)


def _churned(url: str, host: Any, number: int) -> Timing:
    """Where no container can be made, the sweep forgets one instead, and finds it as a new one."""
    from fleet.models import Container

    with suppress(docker.errors.DockerException):
        docker.DockerClient(base_url=url, version="auto").containers.create("busybox:local", name=f"churn-{number}")
    newest = Container.objects.filter(host=host).first()
    if newest is not None:
        newest.delete()
    return timed(lambda: sweep_once(host))


def whole_process(rounds: int) -> None:
    """`./loadline sweep`, from the shell's point of view: starting Python and Django included."""
    from fleet.models import Host

    command = [sys.executable, str(ROOT / "manage.py"), "sweep", "--json"]
    url = Host.objects.get().url
    cold: list[Timing] = []
    quiet: list[Timing] = []
    for _ in range(rounds):
        register(url)
        for timings in (cold, quiet):
            timings.append(timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)))
    show("./loadline sweep, cold", cold)
    show("./loadline sweep, quiet", quiet)


def measure(url: str, rounds: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    print(f"{sweep_once(register(url))} containers")
    listing = show("docker SDK containers.list(all=True)", [timed(sdk_list(url)) for _ in range(rounds)])
    inside(url, rounds, listing)
    whole_process(rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--containers", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--url", help="measure this engine")
    parser.add_argument("--simulated", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"LOADLINE_DATA": data, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        if options.url:
            measure(options.url, options.rounds)
            return
        with simulated(options.containers) if options.simulated else engine(options.containers) as url:
            measure(url, options.rounds)


if __name__ == "__main__":
    main()
