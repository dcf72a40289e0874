"""The health check in a Config, which containers and images have in the same form."""

from __future__ import annotations

from fleet.engines.reading import fields
from fleet.engines.reading.fields import find, texts, whole
from fleet.inventory import HealthCheck

_KINDS = {"CMD", "CMD-SHELL"}


def health_check(config: object) -> HealthCheck | None:
    """None when there is none, which NONE as the first word of the test says as well."""
    check = find(config, "Healthcheck")
    test = texts(check, "Test")
    if not test or test[0] == "NONE":
        return None
    return HealthCheck(
        test[0] if test[0] in _KINDS else "CMD",
        interval=fields.seconds(check, "Interval"),
        timeout=fields.seconds(check, "Timeout"),
        retries=whole(check, "Retries"),
        start_period=fields.seconds(check, "StartPeriod"),
    )
