"""The command lines of the processes behind `./loadline up`, and the environment they share."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Final

from django.conf import settings

from dashboard.supervisor import Child

LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


def web(listener: int) -> Child:
    gunicorn = [sys.executable, "-m", "gunicorn", "dashboard.wsgi", "--bind", f"fd://{listener}", "--no-control-socket"]
    # One process, because threads suffice for pages that only ask the database, and a second costs 80 MB.
    threads = ["--worker-class", "gthread", "--workers", "1", "--threads", "8", "--graceful-timeout", "4"]
    return Child("web", [*gunicorn, *threads], [listener])


def background() -> list[Child]:
    celery = [sys.executable, "-m", "celery", "--app"]
    # Workers that would gossip, mingle and beat to each other: there is only one here.
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = [*celery, "dashboard.celery", "worker", "--pool", "prefork", *alone]
    clock = [*celery, "dashboard.clock", "beat", "--pidfile="]
    return [Child("worker", worker), Child("clock", clock)]


def environment(bind: str) -> dict[str, str]:
    """Over and above this process's own, for every child and theirs."""
    shared = {"PYTHONPATH": str(settings.BASE_DIR), "LOADLINE_DATA": str(settings.LOADLINE_DATA)}
    if bind not in LOOPBACK and "ALLOWED_HOSTS" not in os.environ:
        # Whoever opens it to the network reaches it by this machine's name or address.
        names = {*settings.ALLOWED_HOSTS, bind, socket.gethostname(), socket.getfqdn()}
        shared["ALLOWED_HOSTS"] = ",".join(sorted(names - {"0.0.0.0", "::"}))  # noqa: S104
    if sys.platform == "darwin":
        # Without these a forked worker process crashes in macOS's own libraries.
        shared |= {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "no_proxy": "*"}
    return shared


def log_folder() -> Path:
    folder = settings.LOADLINE_DATA / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder)
