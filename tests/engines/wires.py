"""A switch between engines that each live in a network namespace of their own."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.engines.namespaces import die_with_me

_READY_SECONDS = 10.0
_legs = itertools.count(1)


def ip(*arguments: str, namespace: int | None = None) -> str:
    """Run `ip`, in the network namespace of that process when one is given."""
    # `ip netns exec` would hide the cgroup mounts, because it mounts a fresh /sys; nsenter leaves them alone.
    enter = ["nsenter", f"--net=/proc/{namespace}/ns/net"] if namespace else []
    done = subprocess.run([*enter, "ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(arguments)} said: {done.stderr.strip()}")
    return done.stdout


@dataclass
class Switch:
    """A bridge in a namespace of its own with one leg in ours: `plug` gives an engine an address on it.

    The namespace lives as long as one sleeping process, which dies with the test run: nothing is left behind.
    """

    subnet: str = field(default="")
    _process: subprocess.Popen[bytes] | None = None
    _addresses: itertools.count[int] = field(default_factory=lambda: itertools.count(10))

    def __enter__(self) -> Switch:
        self._process = subprocess.Popen(die_with_me("unshare", "--net", "sleep", "infinity"))
        try:
            self._wire(self._process.pid)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wire(self, inside: int) -> None:
        wait_for_namespace(inside)
        self.subnet = self.subnet or _free_subnet()
        ip("link", "add", "wire", "type", "bridge", namespace=inside)
        ip("link", "set", "wire", "up", namespace=inside)
        leg = f"ll{os.getpid()}n{next(_legs)}"  # at most 15 characters
        ip("link", "add", leg, "type", "veth", "peer", "name", "uplink", "netns", str(inside))
        ip("link", "set", "uplink", "master", "wire", "up", namespace=inside)
        ip("addr", "add", f"{self.subnet}.1/24", "dev", leg)
        ip("link", "set", leg, "up")

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def reserve(self) -> str:
        """The next free address on this switch, to be plugged in later."""
        return f"{self.subnet}.{next(self._addresses)}"

    def plug(self, process_id: int, *, address: str) -> None:
        """Give the network namespace of that process the interface eth0 with that address."""
        if self._process is None:
            raise RuntimeError("the switch is not on: use it as a context manager")
        port = f"port{address.rpartition('.')[2]}"
        ip(
            *("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", str(process_id)),
            namespace=self._process.pid,
        )
        ip("link", "set", port, "master", "wire", "up", namespace=self._process.pid)
        ip("addr", "add", f"{address}/24", "dev", "eth0", namespace=process_id)
        ip("link", "set", "eth0", "up", namespace=process_id)


def wait_for_namespace(process_id: int) -> None:
    """Return once that process has left our network namespace."""
    ours = Path("/proc/self/ns/net").readlink()
    deadline = time.monotonic() + _READY_SECONDS
    while Path(f"/proc/{process_id}/ns/net").readlink() == ours:
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {process_id} made no network namespace in {_READY_SECONDS:.0f} s")
        time.sleep(0.01)


def _free_subnet() -> str:
    """Three numbers of a /24 that no interface here uses, so that two test runs on one machine do not meet."""
    taken = {
        ".".join(address["local"].split(".")[:3])
        for link in json.loads(ip("-json", "-4", "addr"))
        for address in link.get("addr_info", ())
    }
    candidates = (f"10.213.{(os.getpid() + step) % 256}" for step in range(256))
    return next(subnet for subnet in candidates if subnet not in taken)
