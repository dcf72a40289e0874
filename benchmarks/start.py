"""How long a person waits: from `./loadline up` on an installed clone to the pages, to the first container, to the end.

    DOCKER_HOST=unix:///var/run/docker.sock .venv/bin/python benchmarks/start.py [--rounds 3]

Each round starts on an empty data folder. The first container is looked for as a page would show it, in the API.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reply(url: str, token: str = "") -> bytes | None:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return bytes(answer.read())
    except OSError:
        return None


def one_round(for_up: list[str]) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as data:
        environment, site = {**os.environ, "LOADLINE_DATA": data}, f"http://127.0.0.1:{free_port()}"
        began = time.monotonic()
        command = [str(ROOT / "loadline"), "up", "--port", site.rpartition(":")[2], *for_up]
        stack = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            while reply(f"{site}/readyz") is None:
                time.sleep(0.05)
            ready = time.monotonic() - began
            create = [str(ROOT / "loadline"), "token", "create", "benchmark", "--role", "viewer"]
            token = subprocess.run(create, env=environment, capture_output=True, text=True, check=True).stdout.split()[
                -1
            ]
            while not json.loads(reply(f"{site}/api/v1/containers", token) or b"{}").get("items"):
                time.sleep(0.05)
            first = time.monotonic() - began
        finally:
            ending = time.monotonic()
            stack.terminate()
            stack.wait()
        return ready, first, time.monotonic() - ending


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    known, for_up = parser.parse_known_args()
    print("ready s  first container s  stop s")
    for _ in range(known.rounds):
        ready, first, stop = one_round(for_up)
        print(f"{ready:7.1f}  {first:17.1f}  {stop:6.1f}")


if __name__ == "__main__":
    main()
