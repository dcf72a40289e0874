"""The kinds of failure of a sweep in words, each with what usually mends it."""

from __future__ import annotations

from typing import Final

#: By the code that is stored on the host: those of the transport, and three of the sweep itself.
FAILURES: Final = {
    "bad-endpoint": ("The address is none", "Edit the host: unix://, tcp://, https:// or ssh:// and a path or a name."),
    "refused-by-guard": ("Loadline refused its own request", "Report it; nothing was sent to the engine."),
    "dns": ("The name is not known", "Mend the name or the DNS of the node on which the workers run."),
    "no-socket": ("There is no such socket", "Start the engine, or mend the path of its socket."),
    "permission": ("The socket may not be opened", "Let the workers' user into the socket's group."),
    "refused": ("Nothing listens", "Start the engine, or let it listen at this address and port."),
    "unreachable": ("No way there", "Look at routes and firewalls between the workers and the host."),
    "ssh": ("ssh failed", "Try the same ssh command by hand as the workers' user; look at its key and known_hosts."),
    "tls": ("TLS failed", "Compare what the engine speaks at this port with the host's address."),
    "certificate": ("A certificate did not convince", "Look at its end, its names and the CA; enter newer ones."),
    "timeout": ("No answer in time", "Look at the load of the engine, and at firewalls that drop in silence."),
    "reset": ("The connection was cut", "Look at the engine's log and at proxies in between."),
    "truncated": ("The answer stopped half-way", "Look at the engine's log and at proxies in between."),
    "too-large": ("The answer is too large", "Look at what the engine lists by the thousand, and prune it."),
    "bad-json": ("The answer is no JSON", "Look at what stands in front of the engine, such as a proxy's page."),
    "not-an-engine": ("It is no engine", "Mend the address: something else answers there."),
    "api-too-old": ("The engine is too old", "Upgrade it; its API is older than Loadline reads."),
    "api-too-new": ("The engine is too new", "Upgrade Loadline; the engine has dropped the API it speaks."),
    "forbidden": ("The engine or its proxy forbids it", "Allow the GET requests that docs/security.md lists."),
    "not-found": ("The engine has no such address", "Allow the GET requests that docs/security.md lists."),
    "not-available": ("The engine has no such part", "Look at the sentence on the host's page."),
    "http-error": ("The engine answered with an error", "Look at the engine's log."),
    "credentials": (
        "The sealed credentials cannot be used",
        "Restore the sealing keys, or enter them anew.",
    ),
    "database": ("The database refused the result", "Look at the worker's log and at the database's disk."),
    "internal": ("Loadline itself failed", "Report it, with the worker's log."),
}


def failure_words(code: str) -> tuple[str, str]:
    """What happened and what to do; a code of another version is said as it is."""
    return FAILURES.get(code, (code, "Look at the sentence on the host's page."))
