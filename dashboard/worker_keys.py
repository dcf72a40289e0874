"""A worker that holds other sealing keys than the rest does not start: it would turn hosts with credentials red."""

from __future__ import annotations

import logging

from django.db import DatabaseError, InterfaceError, connection

from fleet.models import Host
from fleet.sealing import UnsealError, unseal

logger = logging.getLogger(__name__)


def obstacle() -> str | None:
    """A sentence when there are sealed credentials and this process opens none; None also when the database is away."""
    try:
        sealed = list(Host.objects.exclude(sealed_key="").values_list("sealed_key", flat=True).order_by("pk"))
        sealed += Host.objects.filter(sealed_key="").exclude(sealed_ca="").values_list("sealed_ca", flat=True)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("the sealing keys could not be tried: %s", str(error).partition("\n")[0])
        return None
    finally:
        # Opened before the worker's processes are forked, which must not share it.
        connection.close()
    if not sealed or any(_opens(one) for one in sealed):
        return None
    return (
        "LOADLINE_SEALING_KEYS holds none of the keys that the credentials of hosts are sealed with, and without it a"
        " worker makes up a key of its own. Give every worker the same value as the web server"
        " (LOADLINE_SEALING_KEYS, or LOADLINE_SEALING_KEYS_FILE)."
    )


def _opens(sealed: str) -> bool:
    try:
        unseal(sealed)
    except UnsealError:
        return False
    return True
