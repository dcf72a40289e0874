"""Keeps the processes of `./loadline up` running and ends every one of them; imports nothing heavy, so it costs little.

`up` prepares with Django loaded and then becomes this module by exec, so that no second Django sits idle in memory.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

STEADY_SECONDS: Final = 30  # a process that ran this long starts over without back-off
BACK_OFF: Final = (0.5, 1, 2, 5, 10, 30)
GENTLE_SECONDS, FIRM_SECONDS = 5.0, 3.0  # after SIGTERM; after SIGQUIT, which Celery takes as "now"
GATE_SECONDS: Final = 15
PATIENCE_SECONDS: Final = 20
LOG_LIMIT: Final = 10_000_000
PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True)
class Child:
    name: str
    argv: list[str]
    descriptors: list[int] = field(default_factory=list)  # sockets it takes over
    answers_at: int | None = None  # a local port; whoever stands after it in the plan starts when this answers


@dataclass(frozen=True)
class Plan:
    """All that survives the exec: no secret stands here, it is visible in the process list."""

    children: list[Child]
    logs: str
    url: str
    probe: str
    lock: int  # held as long as this process lives
    started: float

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        plain = json.loads(text)
        return cls(**{**plain, "children": [Child(**child) for child in plain["children"]]})


class Keeper:
    """One child over all its lives."""

    def __init__(self, child: Child, *, logs: Path, say: Callable[[str], None]) -> None:
        self.child, self.log, self.say = child, logs / f"{child.name}.log", say
        self.process: subprocess.Popen[bytes] | None = None
        self.began = self.due = 0.0
        self.first_began = time.monotonic()
        self.open = False
        self.crashes = 0

    def start(self, now: float) -> None:
        with self._open_log() as log:
            self.process = subprocess.Popen(
                self.child.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Its own session: Ctrl-C in the terminal reaches the supervisor alone, which then stops them in order.
                start_new_session=True,
                preexec_fn=_die_with_supervisor if sys.platform == "linux" else None,  # noqa: PLW1509  (no threads here)
                pass_fds=self.child.descriptors,
            )
        self.began = now

    def look_after(self, now: float) -> None:
        if self.process is None:
            if now >= self.due:
                self.start(now)
        elif _ended(self.process):
            self._bury(self.process, now)
        elif self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self._turn_log()

    def settled(self, now: float) -> bool:
        """Whether those after it may start; asked for once, at the start, and not for ever."""
        if not self.open:
            late = now - self.first_began > GATE_SECONDS
            self.open = self.child.answers_at is None or late or _listens(self.child.answers_at)
        return self.open

    def running(self) -> bool:
        return self.process is not None and not _ended(self.process)

    def signal(self, number: int) -> None:
        if self.process is not None and not _ended(self.process):
            os.kill(self.process.pid, number)

    def finish(self) -> None:
        if self.process is not None:
            _end_group(self.process)
            self.process = None

    def _bury(self, process: subprocess.Popen[bytes], now: float) -> None:
        code = _end_group(process)
        self.process = None
        self.crashes = 1 if now - self.began > STEADY_SECONDS else self.crashes + 1
        wait = BACK_OFF[min(self.crashes, len(BACK_OFF)) - 1]
        self.due = now + wait
        how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        again = f", {self.crashes} times in a row" if self.crashes > 1 else ""
        self.say(f"{self.child.name} stopped ({how}{again}); starting it again in {wait:g} s. {self._last_words()}")

    def _open_log(self) -> IO[bytes]:
        # A full disk ends nobody: without a log it runs all the same.
        try:
            return self.log.open("ab")
        except OSError:
            return Path(os.devnull).open("ab")

    def _last_words(self) -> str:
        if not self.log.exists():
            return "It has no log."
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 2000))
            lines = log.read().decode(errors="replace").strip().splitlines()
        return f"{self.log}: {lines[-1][:160]}" if lines else f"See {self.log}"

    def _turn_log(self) -> None:
        # The child keeps its descriptor, which appends; so the old text is copied away and the file cut.
        # Where there is no room for the copy, that text is given up: it may be what fills the disk.
        with contextlib.suppress(OSError):
            self.log.with_suffix(".log.1").write_bytes(self.log.read_bytes())
        os.truncate(self.log, 0)


def _ended(process: subprocess.Popen[bytes]) -> bool:
    # Looked at without reaping: as long as it is a zombie nobody else can be given its process group.
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end_group(process: subprocess.Popen[bytes]) -> int:
    """Ends what is left of its process group, also what outlived its parent, and returns the exit code."""
    # macOS answers "not permitted" for a group of zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _die_with_supervisor() -> None:
    # Should the supervisor be killed with SIGKILL, the kernel asks its children to stop.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    def __init__(self, plan: Plan, *, say: Callable[[str], None]) -> None:
        logs = Path(plan.logs)
        self.plan, self.say = plan, say
        self.keepers = [Keeper(child, logs=logs, say=say) for child in plan.children]
        self.asked_to_stop = self.announced = self.complained = False

    def run(self) -> None:
        wake = self._listen()
        while not self.asked_to_stop:
            self._look_after_all()
            if not self.announced:
                self._announce()
            started = self.announced and all(keeper.open for keeper in self.keepers)
            self._sleep(wake, self._until_due() if started else 0.1)
        self.stop()

    def _look_after_all(self) -> None:
        for keeper in self.keepers:
            keeper.look_after(time.monotonic())
            if not keeper.settled(time.monotonic()):
                return

    def stop(self) -> None:
        """1. Everybody is asked. 2. Celery is asked not to wait for its tasks. 3. Groups are killed."""
        for number, patience in ((signal.SIGTERM, GENTLE_SECONDS), (signal.SIGQUIT, FIRM_SECONDS)):
            for keeper in self.keepers:
                keeper.signal(number)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline and any(keeper.running() for keeper in self.keepers):
                time.sleep(0.02)
        for keeper in self.keepers:
            keeper.finish()

    def _listen(self) -> int:
        # A signal handler may interrupt anything, so it only writes a byte; the loop reads it.
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: setattr(self, "asked_to_stop", True))
        return read_end

    def _sleep(self, wake: int, seconds: float) -> None:
        if select.select([wake], [], [], seconds)[0]:
            os.read(wake, 512)

    def _until_due(self) -> float:
        waiting = [keeper.due - time.monotonic() for keeper in self.keepers if keeper.process is None]
        return max(0.0, min([60.0, *waiting]))

    def _announce(self) -> None:
        reason = _not_ready(self.plan.probe)
        waited = time.time() - self.plan.started
        if reason is None:
            self.announced = True
            self.say(f"Ready after {waited:.1f} s at  {self.plan.url}\n\nCtrl-C stops it. Logs: {self.plan.logs}\n")
        elif waited > PATIENCE_SECONDS and not self.complained:
            self.complained = True
            self.say(f"Not ready after {waited:.0f} s, still trying: {reason}")


def _not_ready(url: str) -> str | None:
    # http.client knows no proxy, and this is our own process on this machine.
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=2)
    try:
        connection.request("GET", address.path)
        reply = connection.getresponse()
        body = reply.read(2000)
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()
    return None if reply.status == HTTPStatus.OK else body.decode(errors="replace").strip()


def become(plan: Plan) -> None:
    """Turns this process into the supervisor."""
    for descriptor in {plan.lock, *(fd for child in plan.children for fd in child.descriptors)}:
        os.set_inheritable(descriptor, True)  # noqa: FBT003
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "dashboard.supervisor", plan.to_json()])  # noqa: S606


def main() -> None:
    def say(text: str) -> None:
        with contextlib.suppress(OSError):  # its output may go to a file on a full disk
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    Supervisor(Plan.from_json(sys.argv[1]), say=say).run()
    say("Stopped.")


if __name__ == "__main__":
    main()
