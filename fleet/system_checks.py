"""Django system checks of Loadline's own settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def sealing_keys_exist(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    if getattr(settings, "LOADLINE_SEALING_KEYS", None):
        return []
    return [
        checks.Error(
            "LOADLINE_SEALING_KEYS is empty.",
            hint="Host credentials are sealed with it; make a key with `./loadline sealing-key`.",
            id="loadline.E001",
        )
    ]
