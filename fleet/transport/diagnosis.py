"""The connection test of a host about to be registered: step by step, with the remedy for the one that fails."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from enum import StrEnum

from fleet.transport.client import EngineClient, Ping, kind_and_version
from fleet.transport.dialing import dial_tcp, dial_unix, resolve
from fleet.transport.endpoint import Endpoint, TlsMaterial
from fleet.transport.errors import (
    ApiTooNew,
    ApiTooOld,
    BadCertificate,
    CertificateRefused,
    Code,
    Forbidden,
    TlsFailed,
    TransportError,
    quoted,
)
from fleet.transport.limits import Allowance, Limits
from fleet.transport.peer_certificate import Seen, look, read_pem
from fleet.transport.tls import context_for


class StepName(StrEnum):
    """In the order in which they are tried."""

    ADDRESS = "address"
    NAME = "name"
    CONNECTION = "connection"
    ENCRYPTION = "encryption"
    CERTIFICATE = "certificate"
    ENGINE = "engine"
    API = "api"
    READING = "reading"


class Outcome(StrEnum):
    """`warning` does not keep a host from being registered; `skipped` had no meaning or came after a failure."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried, and a sentence on how it went."""

    name: StepName
    outcome: Outcome
    sentence: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All steps in order; what the engine said of itself is None unless it got that far."""

    steps: tuple[Step, ...]
    code: Code | None = None
    engine: str | None = None
    version: str | None = None
    api_version: str | None = None
    engine_name: str | None = None

    @property
    def ok(self) -> bool:
        """Whether a sweep of this host would work."""
        return all(step.outcome is not Outcome.FAILED for step in self.steps)

    @property
    def error(self) -> str | None:
        """The sentence of the step that failed."""
        return next((step.sentence for step in self.steps if step.outcome is Outcome.FAILED), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(step.sentence for step in self.steps if step.outcome is Outcome.WARNING)


def diagnose(endpoint: Endpoint | str, *, tls: TlsMaterial | None = None, limits: Limits | None = None) -> Diagnosis:
    """Try a connection step by step. Never raises for what the address or the peer does, and ends by the limits.

    A text is an address as someone typed it, with `tls` for its certificates.
    """
    return _Examination(limits or Limits()).of(endpoint, tls)


class _Examination:
    """The steps so far. `_now` is the one being tried: an error is its failure."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ends = time.monotonic() + limits.sweep_seconds
        self._steps: dict[StepName, Step] = {}
        self._now = StepName.ADDRESS
        self._code: Code | None = None
        self._seen: Seen | None = None
        self._tls: TlsMaterial | None = None
        self._ping: Ping | None = None
        self._said: dict[str, str | None] = {}

    def of(self, given: Endpoint | str, tls: TlsMaterial | None) -> Diagnosis:
        try:
            endpoint = given if isinstance(given, Endpoint) else Endpoint(given, tls)
            self._tls = endpoint.tls
            self._try_all(endpoint)
        except TransportError as error:
            self._fail(error)
        steps = tuple(
            self._steps.get(name) or Step(name, Outcome.SKIPPED, "Not tried, because an earlier step failed.")
            for name in StepName
        )
        return Diagnosis(steps, code=self._code, **self._said)

    def _try_all(self, endpoint: Endpoint) -> None:
        if endpoint.encrypted:
            context_for(endpoint.tls)  # certificates that cannot be read are part of what was typed
        self._pass(StepName.ADDRESS, f"{endpoint} is an address that Loadline can use.")
        if endpoint.scheme == "ssh":
            for name in (StepName.NAME, StepName.CONNECTION, StepName.ENCRYPTION):
                self._skip(name, "The ssh program does this by itself.")
        else:
            self._connect(endpoint)
        left = max(self._ends - time.monotonic(), 0.0)
        with EngineClient(endpoint, limits=dataclasses.replace(self._limits, sweep_seconds=left)) as client:
            self._meet(client, endpoint)
            self._identify(client, endpoint)
            self._read(client, endpoint)

    def _connect(self, endpoint: Endpoint) -> None:
        allowance = Allowance(
            address=str(endpoint), limits=self._limits, sweep_ends=self._ends, what="the TLS handshake"
        )
        self._now = StepName.NAME
        if endpoint.scheme == "unix":
            self._skip(StepName.NAME, "A socket on this machine needs no name server.")
        else:
            found = ", ".join(sorted({str(address[0]) for _, address in resolve(endpoint, allowance)}))
            self._pass(StepName.NAME, f"{endpoint.host} is at {found}.")
        self._now = StepName.CONNECTION
        dial = dial_unix if endpoint.scheme == "unix" else dial_tcp
        with dial(endpoint, allowance) as sock:
            self._pass(StepName.CONNECTION, f"{endpoint} accepts connections.")
            self._now = StepName.ENCRYPTION
            if endpoint.encrypted:
                self._seen = look(sock, name=endpoint.host.rstrip("."), material=endpoint.tls)
        self._note_encryption(endpoint)

    def _note_encryption(self, endpoint: Endpoint) -> None:
        if endpoint.encrypted:
            self._pass(StepName.ENCRYPTION, f"{endpoint} speaks TLS.")
        elif endpoint.scheme == "unix":
            self._skip(StepName.ENCRYPTION, "A socket on this machine needs none.")
        else:
            who = "every user of this machine" if endpoint.loopback else "everyone who can reach this port"
            self._steps[StepName.ENCRYPTION] = Step(
                StepName.ENCRYPTION,
                Outcome.WARNING,
                f"{endpoint} is not encrypted and asks nobody who they are: {who} controls the engine, and with it "
                f"its host. Use mutual TLS or ssh.",
            )

    def _meet(self, client: EngineClient, endpoint: Endpoint) -> None:
        """The first request: only now an engine may say that it does not like our certificate."""
        self._now = StepName.CERTIFICATE if endpoint.encrypted else StepName.ENGINE
        problem: TransportError | None = None
        try:
            self._ping = client.ping()
        except Forbidden:
            pass  # a proxy that forbids /_ping may still allow /version, which is asked next
        except TransportError as error:
            if isinstance(error, BadCertificate | TlsFailed):
                raise
            problem = error
        if endpoint.encrypted:
            details = f" {self._seen}" if self._seen else ""
            self._pass(StepName.CERTIFICATE, f"The certificate of {endpoint} verifies.{details}")
        else:
            self._skip(StepName.CERTIFICATE, "Without TLS there is none.")
        self._now = StepName.ENGINE
        if problem is not None:
            raise problem

    def _identify(self, client: EngineClient, endpoint: Endpoint) -> None:
        problem: TransportError | None = None
        try:
            version = client.get("/version")
        except (ApiTooOld, ApiTooNew) as error:
            version, problem = {}, error
        kind, number = kind_and_version(version)
        if kind is None and self._ping is not None:
            kind, number = self._ping.kind, self._ping.server
        self._said |= {"engine": kind, "version": number, "api_version": client.api_version}
        self._pass(
            StepName.ENGINE,
            f"{endpoint} answers as an engine ({kind or 'kind unknown'}, {number or 'version unknown'}).",
        )
        self._now = StepName.API
        if problem is not None:
            raise problem
        self._pass(StepName.API, f"Loadline and the engine both speak API {client.api_version}.")

    def _read(self, client: EngineClient, endpoint: Endpoint) -> None:
        self._now = StepName.READING
        info = client.get("/info")
        client.get("/containers/json", params={"limit": "1"})
        name = info.get("Name") if isinstance(info, dict) else None
        self._said["engine_name"] = quoted(name, 253) if isinstance(name, str) and name else None
        self._pass(StepName.READING, f"{endpoint} lets Loadline read its settings and list its containers.")

    def _pass(self, name: StepName, sentence: str) -> None:
        self._steps[name] = Step(name, Outcome.OK, sentence)

    def _skip(self, name: StepName, sentence: str) -> None:
        self._steps[name] = Step(name, Outcome.SKIPPED, sentence)

    def _fail(self, error: TransportError) -> None:
        sentence, details = str(error), None
        if isinstance(error, BadCertificate):
            # With TLS 1.2 a refusal comes during the handshake: encryption itself worked.
            self._steps.setdefault(StepName.ENCRYPTION, Step(StepName.ENCRYPTION, Outcome.OK, "The engine speaks TLS."))
            self._now = StepName.CERTIFICATE
            details = self._seen
        if isinstance(error, CertificateRefused):
            details = read_pem(self._tls.certificate) if self._tls and self._tls.certificate else None
            sentence += "" if details else " None was shown."
        self._code = error.code
        self._steps[self._now] = Step(self._now, Outcome.FAILED, f"{sentence} {details or ''}".rstrip())
