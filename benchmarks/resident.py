"""What a web process keeps in memory over some thousand pages, and what they cost it.

    .venv/bin/python benchmarks/resident.py --containers 100000 --server /var/tmp/fleets
    .venv/bin/python benchmarks/resident.py --containers 100000 --server /var/tmp/fleets --code DIR

A real gunicorn of one process and eight threads, as `./loadline up` starts it, on a fleet that benchmarks/pages.py
filled and counted. Somebody who is signed in asks for the pages of that benchmark one after the other, four at a time.
With `--code` the process runs another version, which has to know the same tables.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.filling import database, server  # noqa: E402
from benchmarks.pages import PAGES, places  # noqa: E402

AT_A_TIME: Final = 4
PORT: Final = 8982


def resident(pid: int) -> float:
    """MiB."""
    [line] = [one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def busy(pid: int) -> float:
    """Seconds of a processor."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def signed_in() -> str:
    """The header of somebody's cookie."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    user, _ = User.objects.get_or_create(username="benchmark", is_superuser=True, is_staff=True)
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def ask(waiting: SimpleQueue[str], cookie: str, refused: list[str]) -> None:
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    while True:
        try:
            address = waiting.get_nowait()
        except Empty:
            return
        line.request("GET", address, headers={"Cookie": cookie})
        response = line.getresponse()
        response.read()
        if response.status not in {200, 302}:
            refused.append(address)


def watch(worker: int, addresses: list[str], cookie: str, marks: list[int]) -> None:
    refused: list[str] = []
    asked = 0
    print(f"before any: {resident(worker):.0f} MiB", flush=True)
    for mark in marks:
        waiting: SimpleQueue[str] = SimpleQueue()
        for number in range(asked, mark):
            waiting.put(addresses[number % len(addresses)])
        asked = mark
        threads = [threading.Thread(target=ask, args=(waiting, cookie, refused)) for _ in range(AT_A_TIME)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = f"{resident(worker):.0f} MiB resident, {busy(worker):.1f} s of processor time, {len(refused)} refused"
        print(f"after {mark}: {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--containers", type=int, default=100_000)
    parser.add_argument("--server", type=Path, required=True, help="the folder in which pages.py left its fleets")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--code", type=Path, default=ROOT, help="the folder of the version that answers")
    options = parser.parse_args()
    with server(options.server) as sockets, tempfile.TemporaryDirectory() as data:
        os.environ |= {
            "DATABASE_URL": database(sockets, f"fleet_{options.containers}"),
            "LOADLINE_DATA": data,
            "LOADLINE_STALE_SECONDS": "86400",
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
        }
        import django

        django.setup()
        named = places()
        addresses = [page.format(**named) for page in PAGES]
        words = ["--bind", f"127.0.0.1:{PORT}", "--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
        gunicorn = [sys.executable, "-m", "gunicorn", "dashboard.wsgi", "--log-level", "warning", *words]
        with subprocess.Popen(gunicorn, cwd=options.code, env={**os.environ, "PYTHONPATH": str(options.code)}) as web:
            try:
                time.sleep(8)
                [worker] = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
                marks = [one for one in (100, 500, 1000) if one < options.requests] + [options.requests]
                watch(int(worker), addresses, signed_in(), marks)
            finally:
                web.terminate()


if __name__ == "__main__":
    main()
