"""Whether there is room left where the embedded database and queue are."""

from __future__ import annotations

import shutil
from typing import Final

from django.conf import settings

#: Bytes. A sweep of some hosts fits into less, so it is said before the first one fails.
LEAST_ROOM: Final = 10_000_000


def disk_full() -> bool:
    """Never where a server keeps the rows: it has a disk of its own."""
    if not settings.EMBEDDED_DATABASE:
        return False
    try:
        return shutil.disk_usage(settings.LOADLINE_DATA).free < LEAST_ROOM
    except OSError:
        return False  # whoever cannot even ask fails on more than this
