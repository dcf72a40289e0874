from __future__ import annotations

from django.conf import LazySettings
from kombu.utils.scheduling import cycle_by_name

from dashboard.celery_settings import QUEUES, transport_options


def test_what_a_person_waits_for_comes_first_and_the_others_take_turns(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL, settings.EMBEDDED_BROKER = "redis://queue/0", False
    # As kombu makes it: by the name that stands in the options.
    cycle = cycle_by_name(transport_options()["queue_order_strategy"])()
    cycle.update(QUEUES)
    assert list(cycle.consume(4)) == ["now", "sweep", "sweep-slow", "long"]
    cycle.rotate("sweep")
    assert list(cycle.consume(4)) == ["now", "sweep-slow", "long", "sweep"]
    cycle.rotate("now")
    assert list(cycle.consume(4)) == ["now", "sweep-slow", "long", "sweep"]
