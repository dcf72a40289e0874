"""How many messages wait in each queue, where the broker can tell within two seconds."""

from __future__ import annotations

from typing import Any, Final

from kombu.exceptions import KombuError
from kombu.transport.virtual import Channel as VirtualChannel

from dashboard.celery import app
from dashboard.celery_settings import QUEUES

SECONDS: Final = 2
_SHORT: Final = {
    "redis": {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry_on_timeout": False},
    "amqp": {"read_timeout": SECONDS, "write_timeout": SECONDS},
}


def depths() -> dict[str, int] | None:
    """Messages by queue; without a queue that the broker does not know yet. None when it cannot be told.

    A message that came too late still counts until a worker throws it away.
    """
    found: dict[str, int] = {}
    url = app.conf.broker_url or ""
    options = next((short for scheme, short in _SHORT.items() if scheme in url.partition(":")[0]), {})
    try:
        with app.connection_for_read(connect_timeout=SECONDS, transport_options=options) as broker:
            broker.ensure_connection(max_retries=1, timeout=SECONDS)
            for name in QUEUES:
                depth = _depth(broker, name)
                if depth is not None:
                    found[name] = depth
    except (OSError, KombuError):
        return None
    return found


def _depth(broker: Any, queue: str) -> int | None:
    # A channel each, because RabbitMQ closes the one on which it was asked for a queue that is not there.
    channel = broker.channel()
    try:
        # Passive, lest a look makes a queue. Redis and the embedded one have no empty queues to make, and say "not
        # found" of each.
        passive = not isinstance(channel, VirtualChannel)
        return int(channel.queue_declare(queue, passive=passive).message_count)
    except broker.channel_errors:
        return None
    except broker.connection_errors as error:
        raise OSError from error  # each broker's library has its own
    finally:
        channel.close()
