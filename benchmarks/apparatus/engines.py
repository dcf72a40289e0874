"""A simulator as a process of its own, with its door for benchmarks."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from benchmarks.idle import ROOT, free_port


@dataclass(frozen=True)
class Engines:
    """`sheet` is a file for ./loadline host import. Hosts are (name, url)."""

    pid: int
    sheet: Path
    hosts: list[tuple[str, str]]
    control: str

    def change(self, engine: str, *, place: int = 0, kind: str = "replace") -> dict[str, Any]:
        reply = requests.post(
            f"{self.control}/change", params={"engine": engine, "place": place, "kind": kind}, timeout=30
        )
        reply.raise_for_status()
        found: dict[str, Any] = reply.json()
        return found

    def usage(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.control}/usage", timeout=30).json()
        return found


@contextmanager
def engines(count: int, containers: int, *options: str, base_port: int, seconds: float = 120) -> Iterator[Engines]:
    """`options` are further ones of ./loadline simulate."""
    with tempfile.TemporaryDirectory(prefix="llb-") as folder:
        sheet, port = Path(folder, "hosts.csv"), free_port()
        words = ["--engines", str(count), "--containers", str(containers), "--base-port", str(base_port)]
        words += ["--control-port", str(port), "--csv", str(sheet), *options]
        command = [sys.executable, str(ROOT / "manage.py"), "simulate", *words]
        simulator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        with ended(simulator, seconds=20) as process:
            _on_machines_of_their_own(process.pid)
            if process.stdout is None or "engines answer" not in process.stdout.readline():
                raise SystemExit("the simulator did not start; what it said stands above")
            with sheet.open(newline="") as file:
                hosts = [(row["name"], row["url"]) for row in csv.DictReader(file)]
            yield Engines(process.pid, sheet, hosts, f"http://127.0.0.1:{port}")


def _on_machines_of_their_own(pid: int) -> None:
    """Engines answer when they are asked, however busy the machine is that asks: else they would take seconds where
    both cores are used up. Where this user may give precedence, and Linux has sessions share processors or not.
    """
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text("-10")
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, -10)


@contextmanager
def ended(process: subprocess.Popen[Any], *, seconds: float = 30) -> Iterator[Any]:
    """The process, which has ended when the block has: asked first, and killed when it does not listen."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def spoiled(count: int, faults: Sequence[str]) -> dict[str, str]:
    """The fault of each engine that has one; it depends on the number of engines and the seed alone."""
    from fleet.simulation import spread, synthetic

    shares = {}
    for fault in faults:
        kind, _, share = fault.partition("=")
        shares[kind] = float(share[:-1]) / 100 if share.endswith("%") else float(share)
    fleet = spread(synthetic(engines=count, containers=1), shares)
    return {engine.name: engine.fault for engine in fleet.engines if engine.fault}
