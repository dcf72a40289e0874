"""Reaches an engine through the system's ssh program, as the docker command does, so that ~/.ssh/config applies."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from typing import Final

from fleet.transport.endpoint import Endpoint
from fleet.transport.errors import SshFailed, Timeout, TransportError, quoted
from fleet.transport.limits import Allowance
from fleet.transport.sockets import MeteredSocket

# What ssh needs to find its configuration, keys and agent. The rest of our environment holds our own secrets.
_ENVIRONMENT: Final = ("PATH", "HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "KRB5CCNAME", "LANG", "TMPDIR")
_PARTING_SECONDS: Final = 0.5
_REMEDIES: Final = (
    ("docker daemon socket", "Add that user to the group `docker` on the host."),
    ("permission denied", "Put the public key of the user that Loadline runs as into the host's authorized_keys."),
    ("host key verification", "Connect once by hand as the user that Loadline runs as, and compare the fingerprint."),
    ("could not resolve", "Correct the host's name, or see this machine's name servers."),
    ("not known", "Correct the host's name, or see this machine's name servers."),
    ("connection refused", "See that an ssh server runs on the host, and on which port."),
    ("timed out", "See that the host is up and that no firewall drops packets to its ssh port."),
    ("no route", "See the routes and the address."),
    ("not found", "Install the docker command on the host; ssh runs `docker system dial-stdio` there."),
)


class SshConnections:
    """The ssh programs of one client: started on demand, never left behind."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._programs: list[subprocess.Popen[bytes]] = []

    def dial(self, allowance: Allowance) -> MeteredSocket:
        """One end of a pair of sockets; ssh has the other as its standard input and output."""
        ours, theirs = socket.socketpair()
        sock = MeteredSocket(fileno=ours.detach())
        sock.allowance = allowance
        try:
            with theirs:
                end = theirs.fileno()
                program = subprocess.Popen(
                    command(self._endpoint, connect_seconds=allowance.limits.connect_seconds),
                    stdin=end,
                    stdout=end,
                    stderr=subprocess.PIPE,
                    env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                    start_new_session=True,
                )
        except OSError as error:
            sock.close()
            raise SshFailed(
                f"The ssh program could not be started here ({error.strerror}). Install an OpenSSH client."
            ) from error
        self._programs.append(program)
        return sock

    def explain(self, error: TransportError, allowance: Allowance) -> TransportError:
        """What ssh said itself is a better reason than a connection that just ended."""
        if not self._programs:
            return error
        program = self._programs[-1]
        if not isinstance(error, Timeout):
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(_PARTING_SECONDS)
        words = _last_words(program)
        if program.poll() in (None, 0) or not words:
            return error
        remedy = next((then for sign, then in _REMEDIES if sign in words.lower()), "Try the same ssh by hand.")
        return SshFailed(f"ssh could not reach the engine at {allowance.address}: {words}. {remedy}")

    def close(self) -> None:
        """Ends every ssh program and waits for it, so that none becomes a zombie."""
        for program in self._programs:
            _end(program)
        self._programs.clear()


def command(endpoint: Endpoint, *, connect_seconds: float) -> list[str]:
    """No terminal and no questions, no forwarding; nothing of the address can be read as an option."""
    words = ["ssh", "-T", "-a", "-x", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={max(1, round(connect_seconds))}"]
    if endpoint.user:
        words += ["-l", endpoint.user]
    if endpoint.port:
        words += ["-p", str(endpoint.port)]
    remote = f"docker --host=unix://{endpoint.path} system dial-stdio" if endpoint.path else "docker system dial-stdio"
    return [*words, "--", endpoint.host, remote]


def _last_words(program: subprocess.Popen[bytes]) -> str:
    if program.stderr is None or program.stderr.closed:
        return ""
    os.set_blocking(program.stderr.fileno(), False)
    try:
        said = os.read(program.stderr.fileno(), 4096).decode(errors="replace")
    except BlockingIOError:
        return ""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return quoted(lines[-1], 200).rstrip(".") if lines else ""


def _end(program: subprocess.Popen[bytes]) -> None:
    for farewell in (signal.SIGTERM, signal.SIGKILL):
        # The whole session: a ProxyCommand must not outlive its ssh.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, farewell)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(_PARTING_SECONDS)
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    if program.stderr is not None:
        program.stderr.close()
