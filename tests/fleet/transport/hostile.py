"""Peers that behave as no engine should: one function per kind, each told one open connection.

    with hostile_peer(drip_body) as url:      # tcp://127.0.0.1:34567
        ...

Every behaviour reads the request first unless its sentence says otherwise, and returns to hang up.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

Behaviour = Callable[["Peer"], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "Os": "linux", "Arch": "amd64"}
_MEBIBYTE = 1024 * 1024


class Peer:
    """One accepted connection, and the wish of the test to end."""

    def __init__(self, sock: socket.socket, stopping: threading.Event, *, drip_seconds: float) -> None:
        self.sock = sock
        self.drip_seconds = drip_seconds
        self._stopping = stopping
        self._unread = b""

    def request(self) -> str:
        """The next request's line, once its headers are read; empty when the other side has gone."""
        while b"\r\n\r\n" not in self._unread:
            piece = self.sock.recv(65536)
            if not piece:
                return ""
            self._unread += piece
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        return head.split(b"\r\n", 1)[0].decode("latin-1")

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.sock.sendall(piece)

    def drip(self, text: bytes) -> None:
        """That text for ever, one byte at a time."""
        while not self._stopping.is_set():
            for number in text:
                if self._stopping.wait(self.drip_seconds):
                    return
                self.send(bytes([number]))

    def hang(self) -> None:
        self._stopping.wait()


@contextlib.contextmanager
def hostile_peer(
    behaviour: Behaviour, *, drip_seconds: float = 0.05, tls: ssl.SSLContext | None = None, path: str | None = None
) -> Iterator[str]:
    """The URL of a peer that treats each connection like this. `path` makes it a unix socket instead of a port."""
    stopping = threading.Event()
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []
    listener = _listen(path)

    def serve(sock: socket.socket) -> None:
        # The client hangs up on a hostile peer whenever it likes.
        with contextlib.suppress(OSError, ValueError):
            wrapped = tls.wrap_socket(sock, server_side=True) if tls else sock
            connections.append(wrapped)
            with wrapped:
                behaviour(Peer(wrapped, stopping, drip_seconds=drip_seconds))
        sock.close()

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            if stopping.is_set():
                sock.close()
                return
            connections.append(sock)
            threads.append(threading.Thread(target=serve, args=(sock,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"unix://{path}" if path else f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopping.set()
        # Closing alone would not wake a thread that waits in accept().
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)
        for sock in connections:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)


def _listen(path: str | None) -> socket.socket:
    if path is None:
        return socket.create_server(("127.0.0.1", 0), backlog=64)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(64)
    return listener


def silent(peer: Peer) -> None:
    """Accepts and never says a word: in TLS the handshake hangs."""
    peer.hang()


def hang(peer: Peer) -> None:
    peer.request()
    peer.hang()


def drip_status(peer: Peer) -> None:
    peer.request()
    peer.drip(b"HTTP/1.1 200 " + b"O" * 60_000)


def drip_header(peer: Peer) -> None:
    peer.request()
    peer.send(OK)
    peer.drip(b"X-Slow: yes\r\n")


def drip_body(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"Content-Length: 100000\r\n\r\n")
    peer.drip(b" ")


def drip_chunk(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"Transfer-Encoding: chunked\r\n\r\n")
    peer.drip(b"0")


def drip_handshake(peer: Peer) -> None:
    """The beginning of a TLS record that never gets complete; reads nothing."""
    peer.send(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb")
    peer.drip(b"\x03")


def flood_continue(peer: Peer) -> None:
    peer.request()
    while True:
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 400)


def many_headers(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"".join(b"X-%d: y\r\n" % number for number in range(10_000)), b"\r\n[]")


def endless_header(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"X-Long: ")
    while True:
        peer.send(b"y" * 65536)


def huge(peer: Peer) -> None:
    """200 MB, announced."""
    peer.request()
    peer.send(OK, b"Content-Length: 209715200\r\n\r\n[")
    for _ in range(200):
        peer.send(b" " * _MEBIBYTE)


def huge_chunked(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(200):
        peer.send(b"100000\r\n", b" " * _MEBIBYTE, b"\r\n")


def huge_unannounced(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"Connection: close\r\n\r\n[")
    for _ in range(200):
        peer.send(b" " * _MEBIBYTE)


def endless_chunk_header(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        peer.send(b"0" * 65536)


def tiny_chunks(peer: Peer) -> None:
    """Framing of six bytes for each byte of the reply."""
    peer.request()
    peer.send(OK, b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        peer.send(b"1\r\n \r\n" * 10_000)


def bomb(peer: Peer) -> None:
    """A few kilobytes of gzip that unfold into megabytes."""
    peer.request()
    packed = gzip.compress(b" " * 8 * _MEBIBYTE, compresslevel=1)
    peer.send(OK, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed), packed)


def half(peer: Peer) -> None:
    """Announces 1,000 bytes, sends few, hangs up."""
    peer.request()
    peer.send(OK, b'Content-Length: 1000\r\n\r\n{"Containers": [')


def half_chunk(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b'Transfer-Encoding: chunked\r\n\r\n40\r\n{"Containers": [')


def half_unannounced(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b'Connection: close\r\n\r\n{"Containers": [')


def missing_last_chunk(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n")


def hang_up(peer: Peer) -> None:
    peer.request()


def reset(peer: Peer) -> None:
    """Ends with RST in place of FIN."""
    peer.request()
    _reset(peer)


def reset_in_body(peer: Peer) -> None:
    peer.request()
    peer.send(OK, b"Content-Length: 1000\r\n\r\n[")
    threading.Event().wait(0.05)
    _reset(peer)


def _reset(peer: Peer) -> None:
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.sock.close()


def html(peer: Peer) -> None:
    while peer.request():
        answer(peer, b"<!DOCTYPE html><html><body>It works!</body></html>", kind="text/html")


def html_404(peer: Peer) -> None:
    while peer.request():
        answer(peer, b"<html><h1>Not Found</h1></html>", kind="text/html", status="404 Not Found")


def redirect(peer: Peer) -> None:
    while peer.request():
        peer.send(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/elsewhere\r\nContent-Length: 0\r\n\r\n")


def garbage(peer: Peer) -> None:
    """An ssh server's first words."""
    peer.request()
    peer.send(b"SSH-2.0-OpenSSH_9.2p1\r\n\x00\x01\x02\x03")


def bad_utf8(peer: Peer) -> None:
    while peer.request():
        answer(peer, b'{"ApiVersion": "1.41", "Name": "\xff\xfe"}')


def deep(peer: Peer) -> None:
    while peer.request():
        answer(peer, b"[" * 100_000 + b"]" * 100_000)


def not_json(peer: Peer) -> None:
    while peer.request():
        answer(peer, b"Hello, world")


def not_a_number(peer: Peer) -> None:
    while peer.request():
        answer(peer, b'{"ApiVersion": NaN}')


def empty(peer: Peer) -> None:
    while peer.request():
        answer(peer, b"")


def wrong_type(peer: Peer) -> None:
    """Good JSON, but a number for everything."""
    while peer.request():
        answer(peer, b"42")


def engine(peer: Peer) -> None:
    """Not hostile at all: an empty engine that keeps its connections."""
    while line := peer.request():
        _as_engine(peer, line, VERSION)


def old_engine(peer: Peer) -> None:
    while line := peer.request():
        _as_engine(peer, line, VERSION | {"Version": "19.03.15", "ApiVersion": "1.40"})


def new_engine(peer: Peer) -> None:
    while line := peer.request():
        _as_engine(peer, line, VERSION | {"Version": "99.0.0", "ApiVersion": "1.99", "MinAPIVersion": "1.44"})


def future_engine(peer: Peer) -> None:
    while line := peer.request():
        _as_engine(peer, line, VERSION | {"Version": "199.0.0", "ApiVersion": "1.199", "MinAPIVersion": "1.150"})


def engine_until(endpoint: str, then: Behaviour) -> Behaviour:
    """An empty engine until that endpoint is asked for; then the connection is treated like this instead."""

    def behave(peer: Peer) -> None:
        while line := peer.request():
            if endpoint in line:
                peer._unread = b"GET / HTTP/1.1\r\n\r\n"
                then(peer)
                return
            _as_engine(peer, line, VERSION)

    return behave


def answer(peer: Peer, body: bytes, *, kind: str = "application/json", status: str = "200 OK", more: str = "") -> None:
    """A correct answer with that body."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    peer.send(head.encode() + body)


def _as_engine(peer: Peer, line: str, version: dict[str, str]) -> None:
    path = line.split(" ")[1].partition("?")[0]
    if path.endswith("/_ping"):
        more = (
            f"Api-Version: {version['ApiVersion']}\r\nServer: Docker/{version['Version']} (linux)\r\nOstype: linux\r\n"
        )
        return answer(peer, b"OK", kind="text/plain", more=more)
    replies: dict[str, object] = {
        "version": version,
        "info": {"ID": "AAAA", "Name": "node-1", "Containers": 0, "Swarm": {"LocalNodeState": "inactive"}},
        "volumes": {"Volumes": [], "Warnings": None},
    }
    return answer(peer, json.dumps(replies.get(path.rpartition("/")[2], [])).encode())
