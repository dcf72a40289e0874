"""A door beside the engines: what the simulation costs by itself, and changes on demand. No engine has such a thing."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from aiohttp import web

from fleet.simulation.wire import EngineOnTheWire


@dataclass(frozen=True, slots=True)
class Usage:
    """Of this process since it began: seconds of processor time, the most memory it ever had, requests of engines."""

    seconds: float
    peak_mib: int
    requests: int

    def sentence(self) -> str:
        each = f", {1000 * self.seconds / self.requests:.2f} ms each" if self.requests else ""
        return (
            f"Answered {self.requests} requests with {self.seconds:.1f} s of processor time, start-up included{each}; "
            f"{self.peak_mib} MiB at most."
        )


def usage(wires: Sequence[EngineOnTheWire]) -> Usage:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Usage(round(time.process_time(), 3), peak, sum(wire.requests for wire in wires))


class Control:
    """`GET /usage` and `POST /change?engine=NAME[&kind=replace][&place=0]`; every answer is JSON."""

    def __init__(self, wires: Sequence[EngineOnTheWire], *, clock: Callable[[], float]) -> None:
        self.wires, self.clock = wires, clock
        self._named = {wire.answers.engine.name: wire for wire in wires}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if (request.method, request.path) == ("GET", "/usage"):
            return _json(asdict(usage(self.wires)))
        if (request.method, request.path) == ("POST", "/change"):
            return self._change(request.query.get("engine", ""), request.query)
        return _json({"error": "there are GET /usage and POST /change?engine=NAME"}, status=404)

    def _change(self, name: str, query: Mapping[str, str]) -> web.Response:
        wire, now = self._named.get(name), self.clock()
        if wire is None:
            return _json({"error": f"no engine is called {name}"}, status=404)
        place = query.get("place", "0")
        if not place.isdecimal():
            return _json({"error": f"place={place} is not a whole number, counted from 0"}, status=400)
        try:
            identity, container = wire.answers.change(query.get("kind", "replace"), now=now, place=int(place))
        except ValueError as error:
            return _json({"error": str(error)}, status=400)
        told = {"engine": name, "container": container.name, "id": identity, "image": container.image.reference}
        return _json({**told, "at": now})


def _json(told: dict[str, Any], *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(told) + b"\n", content_type="application/json")
