"""What a fleet costs in which nothing changed, in one run beside two others on the same engines.

    .venv/bin/python benchmarks/quiet.py [--engines 100] [--containers 100] [--base-port 25000]

Simulated engines are swept twice by `./loadline sweep`, each time a process of its own. The second sweep is compared
with a loop that does what Portainer's snapshot does with the docker SDK (one host after another: ping, info, list, an
inspect of each running container, images, volumes, networks, version), and with the floor: info, list and a window of
events over one kept connection, read by msgspec. Processor time of whole processes; the simulation has its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.simulation import simulator  # noqa: E402

PORTAINER = """
    import sys, docker
    for url in sys.argv[1:]:
        client = docker.APIClient(base_url=url, version="1.41", timeout=60)
        client.ping(); client.info()
        for one in client.containers(all=True):
            if one["State"] == "running":
                client.inspect_container(one["Id"])
        client.images(); client.volumes(); client.networks(); client.version()
        client.close()
"""
FLOOR = """
    import sys, time, http.client, msgspec
    from urllib.parse import urlsplit
    for url in sys.argv[1:]:
        peer = urlsplit(url)
        line = http.client.HTTPConnection(peer.hostname, peer.port)
        now = int(time.time())
        for path in ("/info", "/containers/json?all=1", f"/events?since={now - 30}&until={now}"):
            line.request("GET", "/v1.41" + path)
            body = line.getresponse().read()
            (msgspec.json.decode if "events" not in path else bytes.splitlines)(body)
        line.close()
"""
NOTHING = {"portainer": "import docker", "floor": "import http.client, msgspec, urllib.parse"}


def spent(command: list[str], **environment: str) -> tuple[float, float]:
    """Seconds of processor time of the process and its children, and on the wall."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return busy, time.perf_counter() - began


def python(source: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(source), *arguments]


def measure(engines: int, containers: int, base_port: int) -> None:
    loadline = [sys.executable, str(ROOT / "manage.py")]
    with simulator(engines, containers, base_port) as (_, urls), tempfile.TemporaryDirectory() as data:
        tcp = [url.replace("http://", "tcp://") for url in urls]
        hosts = Path(data, "hosts.csv")
        rows = [f"sim-{number:04},{url},production," for number, url in enumerate(tcp)]
        hosts.write_text("\n".join(["name,url,environment,team", *rows]) + "\n")
        for words in (["migrate", "--verbosity", "0"], ["host", "import", str(hosts)]):
            subprocess.run(
                [*loadline, *words], check=True, stdout=subprocess.DEVNULL, env=os.environ | {"LOADLINE_DATA": data}
            )
        first = spent([*loadline, "sweep"], LOADLINE_DATA=data)
        quiet = [spent([*loadline, "sweep"], LOADLINE_DATA=data) for _ in range(3)]
        portainer = spent(python(PORTAINER, *tcp))
        floor = min(spent(python(FLOOR, *urls))[0] for _ in range(3))
        started = {
            "loadline": min(spent([*loadline, "sweep", "--help"], LOADLINE_DATA=data)[0] for _ in range(2)),
            **{name: min(spent(python(source))[0] for _ in range(2)) for name, source in NOTHING.items()},
        }
    busy = min(one for one, _ in quiet)
    show("first ./loadline sweep", first[0], first[1])
    show("./loadline sweep, nothing changed", busy, min(wall for _, wall in quiet))
    show("Portainer's snapshot with the docker SDK", portainer[0], portainer[1])
    show("floor: info, list and events", floor, None)
    print(f"whole processes: the loop takes {portainer[0] / busy:.1f} times the quiet sweep")
    own, loop, least = busy - started["loadline"], portainer[0] - started["portainer"], floor - started["floor"]
    print(f"start-up left out: {loop / own:.1f} times; per host {1000 * own / engines:.1f} ms, ", end="")
    print(f"{own / least:.1f} times the floor of {1000 * least / engines:.1f} ms")


def show(name: str, busy: float, wall: float | None) -> None:
    print(f"{name:<42} {busy:7.2f} s of processor time" + (f", {wall:6.2f} s on the wall" if wall else ""), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", type=int, default=100)
    parser.add_argument("--containers", type=int, default=100)
    parser.add_argument("--base-port", type=int, default=25000)
    options = parser.parse_args()
    measure(options.engines, options.containers, options.base_port)


if __name__ == "__main__":
    main()
