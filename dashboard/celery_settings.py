"""How Celery is set up, for the worker and the clock alike; each setting stands here with the accident it prevents."""

from __future__ import annotations

import os
from typing import Any, Final

from django.conf import settings
from kombu import Exchange, Queue

from dashboard import broker  # registers the embedded queue's scheme
from dashboard.schedule import JOBS, beat_schedule

#: Each takes some 370 MiB at a thousand hosts, and three sessions of the database.
_PROCESSES_AT_MOST: Final = 10
# Hosts that answer, hosts that failed last time, what a person clicked, and what takes minutes: none waits behind
# another.
QUEUES: Final = ("sweep", "sweep-slow", "now", broker.LASTING)


def transport_options() -> dict[str, Any]:
    if settings.EMBEDDED_BROKER:
        queue = str(settings.LOADLINE_DATA / "queue")
        return {"data_folder_in": queue, "data_folder_out": queue, "polling_interval": 0.1}
    options: dict[str, Any] = {}
    if "redis" in settings.CELERY_BROKER_URL.partition(":")[0]:
        # A message unacknowledged for longer is handed out again, so it must outlast the hard time limit by far.
        options.update(visibility_timeout=300, unacked_restore_throttle=1, unacked_restore_interval=10)
        options.update(socket_connect_timeout=5, socket_keepalive=True)
        options.update(queue_order_strategy="dashboard.queue_order:NowFirst")
    return options


def processes(*, embedded: bool) -> int:
    """Of a worker that is not told by --concurrency. Two are the least that sweep while something long is under way,
    and enough for what one machine runs. A fleet keeps its processors busy with two more: one waits for the database
    while the others work, and one is free for what a person asks for.
    """
    return 2 if embedded else min(_PROCESSES_AT_MOST, _processors() + 2)


def _processors() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def configuration() -> dict[str, Any]:
    """Asked for at first use, so that a wrong setting is reported by the command line, not by an import."""
    redis = "redis" in settings.CELERY_BROKER_URL.partition(":")[0]
    return {
        "broker_url": settings.CELERY_BROKER_URL,
        "broker_transport_options": transport_options(),
        "broker_connection_retry_on_startup": True,
        # Celery's own hundred tries end a worker after some fifty minutes, and nobody may be there to start it again.
        "broker_connection_max_retries": None,
        # A page that asks for a sweep hears within a second that the queue is away.
        "task_publish_retry_policy": {"max_retries": 2, "interval_start": 0.1, "interval_max": 0.5},
        "task_queues": [Queue(name, Exchange("loadline", "direct"), routing_key=name) for name in QUEUES],
        "task_default_queue": "sweep",
        "task_default_exchange": "loadline",
        "task_default_routing_key": "sweep",
        "task_create_missing_queues": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        # The database remembers what came of a sweep; a second memory would only disagree.
        "task_ignore_result": True,
        # Acknowledged at the start: a sweep that kills its process must not be handed out for ever (with late
        # acknowledgement and redelivery one such task was restarted 33 times in 24 s); the database claims it anew.
        "task_acks_late": False,
        "task_reject_on_worker_lost": False,
        "worker_prefetch_multiplier": 1,
        # Only Redis can do without prefetch; with it an expired message is dropped at its start, not at its arrival.
        "worker_disable_prefetch": redis,
        # A sweep's task is done within seconds, because it leaves hosts that take long to a thread of its process; but
        # a database that restarts is waited for. Nothing of a sweep is lost by these limits: what they end is handed
        # back, or its lease ends.
        "task_soft_time_limit": 75,
        "task_time_limit": 90,
        # A fresh process has neither threads that hang in an engine's socket nor memory in pieces. It has yet to read
        # rules, tables and patterns, and the old one hands its hosts back: with 200 tasks and 300 MB (Celery looks at
        # the most that there ever was) a large fleet's cold start renewed each process once a minute.
        "worker_max_tasks_per_child": 5000,
        "worker_max_memory_per_child": 1_000_000,
        "worker_concurrency": processes(embedded=settings.EMBEDDED_BROKER),
        "worker_send_task_events": False,
        "worker_enable_remote_control": not settings.EMBEDDED_BROKER,
        "worker_proc_alive_timeout": 20,
        # Celery's "cancel on connection loss" becomes its default in 6.0; said here so that it does not warn.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "enable_utc": True,
        "timezone": "UTC",
        "beat_schedule": beat_schedule(JOBS),
        "beat_schedule_filename": str(settings.LOADLINE_DATA / "beat-schedule"),
        "beat_max_loop_interval": 5,
        "beat_scheduler": "dashboard.ticking:Scheduler",
        # Read by Celery's Django fix-up under its bare name. Without it every task opens a connection of its own;
        # with it alone every task fails after a database restart, hence the hook below. The two belong together.
        "CELERY_DB_REUSE_MAX": 1000,
    }
