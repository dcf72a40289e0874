"""What waits, counted by real brokers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from amqp.exceptions import NotFound
from kombu import Connection

from dashboard import broker, queue_depth
from dashboard.celery_settings import QUEUES
from dashboard.queue_depth import depths
from tests.dashboard.test_broker import queue_named
from tests.servers import redis


def at(monkeypatch: pytest.MonkeyPatch, url: str, **transport: Any) -> None:
    """The application as if CELERY_BROKER_URL were this; the short limits are added to what it passes."""

    def connection(*, connect_timeout: float, transport_options: dict[str, Any]) -> Connection:
        return Connection(url, connect_timeout=connect_timeout, transport_options={**transport, **transport_options})

    app = SimpleNamespace(connection_for_read=connection, conf=SimpleNamespace(broker_url=url))
    monkeypatch.setattr(queue_depth, "app", app)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    at(monkeypatch, f"{broker.SCHEME}://", data_folder_in=str(tmp_path), data_folder_out=str(tmp_path))
    return tmp_path


@contextmanager
def sender(folder: Path, name: str) -> Iterator[Any]:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder)}
    url = f"{broker.SCHEME}://"
    with Connection(url, transport_options=options) as connection, connection.SimpleQueue(queue_named(name)) as queue:
        yield queue


def test_the_embedded_queue_counts_what_waits_and_not_what_was_taken(folder: Path) -> None:
    assert depths() == dict.fromkeys(QUEUES, 0)
    with sender(folder, "sweep") as queue:
        for number in range(3):
            queue.put(number)
        queue.get(timeout=1).ack()
    with sender(folder, "now") as queue:
        queue.put("clicked")
    assert depths() == {"sweep": 2, "sweep-slow": 0, "now": 1, "long": 0}


def test_looking_takes_nothing_away(folder: Path) -> None:
    with sender(folder, "sweep") as queue:
        queue.put("kept")
    assert [depths(), depths()] == [{"sweep": 1, "sweep-slow": 0, "now": 0, "long": 0}] * 2


@pytest.mark.broker
def test_redis_counts_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    with redis() as url:
        at(monkeypatch, url, visibility_timeout=300)
        assert depths() == dict.fromkeys(QUEUES, 0)
        with Connection(url) as connection, connection.SimpleQueue(queue_named("sweep-slow")) as queue:
            for number in range(4):
                queue.put(number)
        assert depths() == {"sweep": 0, "sweep-slow": 4, "now": 0, "long": 0}


@pytest.mark.broker
@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "amqp://guest:hush@127.0.0.1:1//"])
def test_a_broker_that_is_away_cannot_tell(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    at(monkeypatch, url)
    began = time.monotonic()
    assert depths() is None
    assert time.monotonic() - began < 8


@pytest.mark.broker
def test_a_broker_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at(monkeypatch, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        assert depths() is None
        assert time.monotonic() - began < 12


class Rabbit:
    """The part of a connection to RabbitMQ that is asked: it knows one of the three queues."""

    channel_errors = (NotFound,)
    connection_errors = (OSError,)

    def __init__(self, **_kwargs: Any) -> None:
        self.asked: list[tuple[str, bool]] = []

    def __enter__(self) -> Rabbit:
        return self

    def __exit__(self, *_args: object) -> None:
        pass

    def ensure_connection(self, **_kwargs: Any) -> None:
        pass

    def channel(self) -> Rabbit:
        return self

    def close(self) -> None:
        pass

    def queue_declare(self, queue: str, *, passive: bool) -> Any:
        self.asked.append((queue, passive))
        if queue != "sweep":
            raise NotFound
        return SimpleNamespace(message_count=7)


def test_a_queue_that_rabbitmq_does_not_know_is_left_out_and_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    rabbit = Rabbit()
    app = SimpleNamespace(connection_for_read=lambda **_: rabbit, conf=SimpleNamespace(broker_url="amqp://queue"))
    monkeypatch.setattr(queue_depth, "app", app)
    assert depths() == {"sweep": 7}
    assert rabbit.asked == [(name, True) for name in QUEUES]
