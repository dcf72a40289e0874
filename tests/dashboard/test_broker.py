"""The embedded queue keeps its promises under a race."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection, Exchange, Queue
from kombu.simple import SimpleQueue

from dashboard import broker

EXCHANGE = Exchange("loadline", "direct")
PRODUCERS, WORKERS, MESSAGES = 4, 3, 1000


def connect(folder: Path) -> Connection:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "polling_interval": 0.01}
    return Connection(f"{broker.SCHEME}://", transport_options=options)


def queue_named(name: str) -> Queue:
    return Queue(name, EXCHANGE, routing_key=name)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[SimpleQueue]:
    with connect(tmp_path) as connection, connection.SimpleQueue(queue_named("sweep")) as queue:
        yield queue


def produce(folder: Path, producer: int) -> None:
    with connect(folder) as connection, connection.SimpleQueue(queue_named("sweep")) as queue:
        for number in range(MESSAGES):
            queue.put({"producer": producer, "number": number, "filler": "x" * 500})


def consume(folder: Path, results: Path, all_sent: Path) -> None:
    with connect(folder) as connection, connection.SimpleQueue(queue_named("sweep")) as queue, results.open("w") as out:
        while True:
            last_round = all_sent.exists()
            try:
                message = queue.get(timeout=0.2)
            except Empty:
                if last_round:
                    return
                continue
            out.write(f"{message.payload['producer']} {message.payload['number']}\n")
            message.ack()


def test_a_message_arrives_as_it_was_sent(queue: SimpleQueue) -> None:
    queue.put({"hosts": [1, 2]})
    assert queue.get(timeout=1).payload == {"hosts": [1, 2]}


def test_an_empty_queue_says_so(queue: SimpleQueue) -> None:
    with pytest.raises(Empty):
        queue.get(timeout=0.05)


def test_messages_arrive_in_the_order_they_were_sent(queue: SimpleQueue) -> None:
    for number in range(20):
        queue.put(number)
    assert [queue.get(timeout=1).payload for _ in range(20)] == list(range(20))


def test_a_message_waits_for_its_own_queue_only(tmp_path: Path, queue: SimpleQueue) -> None:
    with connect(tmp_path) as other, other.SimpleQueue(queue_named("sweep-slow")) as slow:
        slow.put("slow")
        with pytest.raises(Empty):
            queue.get(timeout=0.05)
        assert slow.get(timeout=1).payload == "slow"


def test_a_half_written_message_is_not_seen(tmp_path: Path, queue: SimpleQueue) -> None:
    (tmp_path / "sweep" / "claimed" / "1-1-1.msg.draft").write_text('{"body": "half')
    with pytest.raises(Empty):
        queue.get(timeout=0.05)


def test_a_message_another_worker_claimed_is_passed_over(tmp_path: Path, queue: SimpleQueue) -> None:
    queue.put("first")
    queue.put("second")
    queue.put("third")
    assert queue.get(timeout=1).payload == "first"
    min((tmp_path / "sweep").glob("*.msg")).unlink()
    assert queue.get(timeout=1).payload == "third"


def test_an_unacknowledged_message_goes_back_when_the_worker_stops(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        waiting = connection.SimpleQueue(queue_named("sweep"))
        waiting.put("kept")
        waiting.get(timeout=1)
        waiting.channel.close()
    with connect(tmp_path) as connection, connection.SimpleQueue(queue_named("sweep")) as queue:
        assert queue.get(timeout=1).payload == "kept"


def test_its_size_counts_what_waits(queue: SimpleQueue) -> None:
    queue.put("one")
    queue.put("two")
    assert queue.qsize() == 2
    assert queue.clear() == 2
    assert queue.qsize() == 0


def test_what_an_earlier_run_queued_is_forgotten(tmp_path: Path, queue: SimpleQueue) -> None:
    queue.put("stale")
    broker.forget_queued(tmp_path)
    with pytest.raises(Empty):
        queue.get(timeout=0.05)


def test_what_somebody_asked_for_outlives_a_restart(tmp_path: Path) -> None:
    """It carries its own end; a half of a message is nothing that anybody asked for."""
    with connect(tmp_path) as connection, connection.SimpleQueue(queue_named("long")) as queue:
        queue.put("a pack")
        draft = tmp_path / "long" / "claimed" / "1.msg.draft"
        draft.touch()
        broker.forget_queued(tmp_path)
        assert queue.get(timeout=1).payload == "a pack"
        assert not draft.exists()


def test_a_full_disk_keeps_no_half_of_a_message(
    tmp_path: Path, queue: SimpleQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space left"):
            queue.put("lost")
    assert list(tmp_path.rglob("*.draft")) == []
    queue.put("kept")
    assert queue.get(timeout=1).payload == "kept"


@pytest.mark.broker
def test_four_producers_and_three_workers_lose_and_repeat_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    folder, results, all_sent = tmp_path / "queue", [tmp_path / f"got-{n}" for n in range(WORKERS)], tmp_path / "sent"
    workers = [context.Process(target=consume, args=(folder, path, all_sent)) for path in results]
    producers = [context.Process(target=produce, args=(folder, number)) for number in range(PRODUCERS)]
    for process in workers + producers:
        process.start()
    for process in producers:
        process.join(timeout=120)
    all_sent.touch()
    for process in workers:
        process.join(timeout=120)
    assert [process.exitcode for process in producers + workers] == [os.EX_OK] * (PRODUCERS + WORKERS)
    got = sorted(line for path in results for line in path.read_text().splitlines())
    assert got == sorted(f"{producer} {number}" for producer in range(PRODUCERS) for number in range(MESSAGES))
