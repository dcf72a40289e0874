"""Registering hosts: one by one, many from a file, this machine's own, and simulated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleet.lazily import lazily
from fleet.registration.entry import DEFAULT_ENVIRONMENT, Entry, validate
from fleet.registration.errors import RegistrationError
from fleet.registration.hosts import Changes, Registered, register, remove, try_entry, try_host, update, would_refuse
from fleet.transport import TlsMaterial

if TYPE_CHECKING:
    from fleet.registration.credentials import read_tls_dir
    from fleet.registration.importing import ImportReport, import_hosts
    from fleet.registration.local import Local, register_local
    from fleet.registration.removal import remove_hosts, remove_simulated
    from fleet.registration.resealing import Resealed, reseal_hosts
    from fleet.registration.sheet import Rejected, Row, SheetError, read_rows
    from fleet.registration.simulated import register_company, register_simulated
    from fleet.registration.trial import begin_trial, entry_of, run_trial, settle_trial

# Who lists hosts reads no certificate and judges nothing anew.
__getattr__ = lazily(
    __name__,
    {
        "credentials": ["read_tls_dir"],
        "importing": ["ImportReport", "import_hosts"],
        "local": ["Local", "register_local"],
        "removal": ["remove_hosts", "remove_simulated"],
        "resealing": ["Resealed", "reseal_hosts"],
        "sheet": ["Rejected", "Row", "SheetError", "read_rows"],
        "simulated": ["register_company", "register_simulated"],
        "trial": ["begin_trial", "entry_of", "run_trial", "settle_trial"],
    },
)

__all__ = [
    "DEFAULT_ENVIRONMENT",
    "Changes",
    "Entry",
    "ImportReport",
    "Local",
    "Registered",
    "RegistrationError",
    "Rejected",
    "Resealed",
    "Row",
    "SheetError",
    "TlsMaterial",
    "begin_trial",
    "entry_of",
    "import_hosts",
    "read_rows",
    "read_tls_dir",
    "register",
    "register_company",
    "register_local",
    "register_simulated",
    "remove",
    "remove_hosts",
    "remove_simulated",
    "reseal_hosts",
    "run_trial",
    "settle_trial",
    "try_entry",
    "try_host",
    "update",
    "validate",
    "would_refuse",
]
