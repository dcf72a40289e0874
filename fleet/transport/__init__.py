"""Bytes to and from an engine: read only by construction, bounded in time and size, with errors that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleet.lazily import lazily
from fleet.transport.client import EngineClient, Ping
from fleet.transport.endpoint import Endpoint, TlsMaterial
from fleet.transport.errors import (
    ApiTooNew,
    ApiTooOld,
    BadCertificate,
    BadEndpoint,
    BadJson,
    CertificateRefused,
    Code,
    Forbidden,
    HttpError,
    NameNotFound,
    NoPermission,
    NoSocket,
    NotAnEngine,
    NotAvailable,
    NotFound,
    Refused,
    RefusedByGuard,
    Reset,
    SshFailed,
    Timeout,
    TlsFailed,
    TooLarge,
    TransportError,
    Truncated,
    Unreachable,
)
from fleet.transport.limits import Limits

if TYPE_CHECKING:
    from fleet.transport.diagnosis import Diagnosis, Outcome, Step, StepName, diagnose

# It reads certificates, which takes longer to load than everything else here.
__getattr__ = lazily(__name__, {"diagnosis": ["Diagnosis", "Outcome", "Step", "StepName", "diagnose"]})

__all__ = [
    "ApiTooNew",
    "ApiTooOld",
    "BadCertificate",
    "BadEndpoint",
    "BadJson",
    "CertificateRefused",
    "Code",
    "Diagnosis",
    "Endpoint",
    "EngineClient",
    "Forbidden",
    "HttpError",
    "Limits",
    "NameNotFound",
    "NoPermission",
    "NoSocket",
    "NotAnEngine",
    "NotAvailable",
    "NotFound",
    "Outcome",
    "Ping",
    "Refused",
    "RefusedByGuard",
    "Reset",
    "SshFailed",
    "Step",
    "StepName",
    "Timeout",
    "TlsFailed",
    "TlsMaterial",
    "TooLarge",
    "TransportError",
    "Truncated",
    "Unreachable",
    "diagnose",
]
