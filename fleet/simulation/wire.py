"""One engine's HTTP: its answers as bytes, and its faults, which spoil those bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Final

import msgspec
from aiohttp import web

from fleet.simulation.answers import Answer, EngineAnswers, EventWish
from fleet.simulation.faults import EVERYWHERE

_CHUNKED_FROM: Final = 2048  # Go's server buffers so much before it gives up on a Content-Length
_UNSPOILED: Final = ("/_ping", "/version")
_HUGE_BYTES: Final = 200_000_000
_HTML: Final = b"<!doctype html><html><head><title>Welcome</title></head><body>It works!</body></html>"
_EVENT_TICK: Final = 0.5
_SLOW_SECONDS: Final = 0.5


class EngineOnTheWire:
    """Turns requests of one engine into replies."""

    def __init__(self, answers: EngineAnswers, *, clock: Callable[[], float]) -> None:
        self.answers, self.clock = answers, clock
        self.fault = answers.engine.fault
        self.requests = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        try:
            return await self._handle(request)
        except ConnectionError:  # the caller had enough; that is its right and no error of ours
            return web.Response()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.fault and self._spoils(request.path):
            spoiled = await self._spoil(request)
            if spoiled is not None:
                return spoiled
        answer = self._answer(request)
        if answer.streams_events:
            return await self._stream(request, answer, answer.streams_events)
        return _reply(answer)

    def _answer(self, request: web.BaseRequest) -> Answer:
        return self.answers.answer(request.method, request.path, request.query, now=self.clock())

    # Events

    async def _stream(self, request: web.BaseRequest, answer: Answer, wish: EventWish) -> web.StreamResponse:
        """What is remembered, then what happens, until the caller's `until` or until it hangs up."""
        herd = self.answers.herd
        reply = web.StreamResponse(headers={**answer.headers, "Content-Type": "application/json"})
        reply.enable_chunked_encoding()
        await reply.prepare(request)
        seen = self.clock()
        await _write(reply, herd.events(since=wish.since, until=wish.until, now=seen, api=wish.api))
        while wish.until is None or seen < wish.until:
            left = _EVENT_TICK if wish.until is None else min(_EVENT_TICK, wish.until - seen)
            await asyncio.sleep(max(left, 0.01))
            now = self.clock()
            herd.advance(now)
            until = now if wish.until is None else min(now, wish.until)
            await _write(reply, herd.events_between(seen, until, api=wish.api))
            seen = now
        await reply.write_eof()
        return reply

    # Faults

    def _spoils(self, path: str) -> bool:
        return self.fault in EVERYWHERE or not path.endswith(_UNSPOILED)

    async def _spoil(self, request: web.BaseRequest) -> web.StreamResponse | None:
        """None lets the true answer pass."""
        if self.fault == "slow":
            await asyncio.sleep(_SLOW_SECONDS)
        elif self.fault == "hang":
            await asyncio.Event().wait()
        elif self.fault == "reset" or (self.fault == "flapping" and (self.clock() - self.answers.began) % 30 >= 20):  # noqa: PLR2004
            return _reset(request)
        elif self.fault == "garbage":
            return web.Response(body=_HTML, content_type="text/html", headers={"Server": "nginx/1.27.3"})
        elif self.fault == "error500":
            message = msgspec.json.encode({"message": "error while reading the containers' store: input/output error"})
            return _reply(Answer(500, message + b"\n", self.answers.headers))
        elif self.fault in {"drip", "truncated", "huge", "badutf8"}:
            return await self._spoil_body(request)
        return None

    async def _spoil_body(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = self._answer(request)
        body = answer.body or b"[]\n"
        if self.fault == "badutf8":
            return _reply(Answer(200, body[:1] + b'"\xff\xfe\xfa",' + body[1:], answer.headers))
        reply = web.StreamResponse(headers={**answer.headers, "Content-Type": "application/json"})
        if self.fault == "truncated":
            reply.content_length = len(body)
        await reply.prepare(request)
        if self.fault == "drip":
            for at in range(len(body)):
                await reply.write(body[at : at + 1])
                await asyncio.sleep(1)
        elif self.fault == "huge":
            await reply.write(b'["')
            for _ in range(_HUGE_BYTES // 1_000_000):
                await reply.write(b"x" * 1_000_000)
            await reply.write(b'"]\n')
        else:
            await reply.write(body[: len(body) // 2])
            if request.transport:
                request.transport.close()
        return reply


def _reply(answer: Answer) -> web.Response:
    reply = web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    reply.headers["Content-Type"] = answer.content_type
    if answer.content_type == "text/plain":
        reply.headers["Content-Type"] = "text/plain; charset=utf-8"
    if len(answer.body) > _CHUNKED_FROM:
        reply.enable_chunked_encoding()
    return reply


async def _write(reply: web.StreamResponse, lines: list[bytes]) -> None:
    if lines:
        await reply.write(b"\n".join(lines) + b"\n")


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Closing with a linger time of zero makes the kernel send RST instead of FIN."""
    transport = request.transport
    if transport is not None:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
