"""Namespaces that hold one engine and vanish with it, so that even a killed test run leaves no process and no mount."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

PROGRAMS = ("dockerd", "containerd", "runc", "busybox", "ip", "iptables", "unshare", "nsenter", "setpriv")
_CGROUPS = Path("/sys/fs/cgroup")


def missing() -> str | None:
    """Why this machine cannot start an engine for itself, or None when it can."""
    if os.geteuid() != 0:
        return "starting a real engine needs root"
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"starting a real engine needs {', '.join(absent)}"
    trial = ["unshare", "--mount", "--uts", "--net", "--pid", "--fork", "--mount-proc", "true"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"this kernel allows no namespaces: {done.stderr.strip()}"
    return None


def die_with_me(*command: str) -> list[str]:
    """That command, to be killed by the kernel when the thread that starts it dies."""
    return ["setpriv", "--pdeathsig", "KILL", *command]


def own_namespaces(*command: str) -> list[str]:
    """That command as first process of its own mount, host name, network and process namespaces.

    When the process that is returned by Popen dies, the kernel kills everything inside: engine, shims, containers.
    """
    return die_with_me(
        *("unshare", "--mount", "--propagation", "private", "--uts", "--net"),
        *("--pid", "--fork", "--kill-child", "--mount-proc", *command),
    )


def script(*, hostname: str, binds: Mapping[str, Path], command: list[str]) -> str:
    """What the first process does: name itself, hide the machine's own engine, wait for its network, start."""
    lines = ["set -e", f"hostname {hostname}", "ip link set lo up"]
    for target, source in binds.items():
        if source.is_dir():
            lines.append(f"mkdir -p {target}")
        lines.append(f"mount --bind {source} {target}")
    # From the roots of the control groups: elsewhere dockerd takes itself for a guest and says "(containerized)".
    lines.append("for procs in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do")
    lines.append('  { echo $$ > "$procs"; } 2>/dev/null || true')
    lines.append("done")
    lines.append("read -r _")
    # A reaper as first process: shims hand their dead children to it, and dockerd would let them pile up.
    reaper = shutil.which("docker-init") or shutil.which("tini")
    lines.append("exec " + shlex.join([*([reaper, "-s", "--"] if reaper else []), *command]))
    return "\n".join(lines)


def first_inside(launcher: int) -> int | None:
    """The first process of the namespaces that this launcher made, or None before it is there."""
    with contextlib.suppress(OSError):
        return next(iter(_children(launcher)), None)
    return None


def end_inside(launcher: int, *, cgroup: str) -> None:
    """Kill everything the launcher started; its own end, which follows, says that all of it has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(first_inside(launcher) or launcher, signal.SIGKILL)
    thaw(cgroup)


def thaw(cgroup: str) -> None:
    """Let paused containers run again: what is frozen does not even die."""
    for state, thawed in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
        for root in (_CGROUPS, *_CGROUPS.glob("*")):
            for file in (root / cgroup).rglob(state):
                with contextlib.suppress(OSError):
                    file.write_text(thawed)


def send(number: signal.Signals, *, program: str, launcher: int) -> None:
    """Send a signal to that program inside, and after SIGSTOP wait until it has stopped."""
    first = first_inside(launcher)
    inside = [first, *_children(first)] if first else []
    target = next(process for process in inside if Path(f"/proc/{process}/comm").read_text().strip() == program)
    os.kill(target, number)
    while number is signal.SIGSTOP and not _stopped(target):
        time.sleep(0.01)


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _stopped(process: int) -> bool:
    """Whether all its threads are: the state follows the program's name, which ends with the last bracket."""
    states = [stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{process}/task").glob("*/stat")]
    return all(state in {"T", "t"} for state in states)


def cgroups_that_begin_with(prefix: str) -> set[str]:
    return {folder.name for root in (_CGROUPS, *_CGROUPS.glob("*")) for folder in root.glob(f"{prefix}*")}


def remove_cgroups(name: str) -> None:
    """Remove the empty control groups a stopped engine leaves behind."""
    for root in (_CGROUPS, *_CGROUPS.glob("*")):
        for folder, _, _ in os.walk(root / name, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
