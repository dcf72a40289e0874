"""Forty engines of which eight are broken in eight ways, in one `./loadline sweep`: who is swept, how long, how large.

    .venv/bin/python benchmarks/broken.py [--engines 40] [--containers 100] [--rounds 2]

The promise is 32 swept and 8 with a reason, in less than 60 s and 700 MiB. The first round is that of an empty
database. Ends with status 1 when the promise is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.apparatus.accounting import interrupted_like_terminated  # noqa: E402
from benchmarks.apparatus.engines import ended, engines, spoiled  # noqa: E402

WAYS = ("hang", "drip", "garbage", "reset", "error500", "truncated", "huge", "badutf8")
SECONDS, MEBIBYTES = 60.0, 700.0


def sweep(environment: Mapping[str, str]) -> tuple[float, float, float, list[dict[str, Any]]]:
    """Seconds on the wall and of processor time, the most MiB it had resident, and what came of each host."""
    command = [sys.executable, str(ROOT / "manage.py"), "sweep", "--json"]
    began, peak, busy = time.monotonic(), 0.0, 0.0
    with tempfile.TemporaryFile("w+") as output:
        with ended(subprocess.Popen(command, stdout=output, env=environment)) as process:
            while process.poll() is None:
                # The highest mark of the process itself; that of resource.getrusage may be its parent's.
                with suppress(OSError, IndexError):
                    status = Path(f"/proc/{process.pid}/status").read_text()
                    peak = max(peak, int(status.partition("VmHWM:")[2].split()[0]) / 1024)
                    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
                    busy = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                time.sleep(0.05)
        wall = time.monotonic() - began
        output.seek(0)
        return wall, busy, peak, json.load(output)["hosts"]


def measure(options: argparse.Namespace) -> bool:
    share = 1 / options.engines
    faults = [f"{way}={share}" for way in WAYS]
    broken = spoiled(options.engines, faults)
    words = [word for fault in faults for word in ("--fault", fault)]
    kept = True
    with (
        engines(options.engines, options.containers, *words, base_port=options.base_port) as fleet,
        tempfile.TemporaryDirectory(prefix="llb-") as data,
    ):
        environment = {**os.environ, "LOADLINE_DATA": data}
        for command in (["migrate", "--verbosity", "0"], ["host", "import", str(fleet.sheet)]):
            whole = [sys.executable, str(ROOT / "manage.py"), *command]
            subprocess.run(whole, check=True, stdout=subprocess.DEVNULL, env=environment)
        for number in range(1, options.rounds + 1):
            wall, busy, peak, hosts = sweep(environment)
            well = [host for host in hosts if host["ok"]]
            failed = [host for host in hosts if not host["ok"]]
            with_reason = [host for host in failed if host["error"] and host["name"] in broken]
            print(f"round {number}: {len(well)} swept, {len(failed)} failed, {len(with_reason)} of the broken with a "
                  f"reason; {wall:.1f} s, {busy:.1f} s of processor time, {peak:.0f} MiB at most")  # fmt: skip
            for host in sorted(failed, key=lambda one: one["seconds"]):
                print(f"  {broken.get(host['name'], 'a good one'):<10}{host['seconds']:>6.1f} s  {host['error']}")
            whole = len(well) == len(hosts) - len(broken) and len(with_reason) == len(failed) == len(broken)
            kept = kept and whole and wall < SECONDS and peak < MEBIBYTES
        print(f"the simulator: {fleet.usage()['seconds']:.1f} s of processor time, {fleet.usage()['peak_mib']} MiB")
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=int, default=40)
    parser.add_argument("--containers", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--base-port", type=int, default=24200)
    interrupted_like_terminated()
    if not measure(parser.parse_args()):
        raise SystemExit("the promise is broken")


if __name__ == "__main__":
    main()
