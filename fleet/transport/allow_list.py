"""All that Loadline may ever ask an engine, line by line with the reason: what is not here never leaves the machine.

Kept off it on purpose, although a plain GET would do: `/swarm` (join tokens), `/swarm/unlockkey`, `/configs` (their
content), `/secrets`, and a container's or image's `archive`, `export`, `logs`, `attach` and `get` (file contents). The
one line with `archive` in it names no container, and its answer has no body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

METHODS: Final = frozenset({"GET", "HEAD"})

# What one parameter's value may look like.
FLAG: Final = re.compile(r"0|1|true|false", re.IGNORECASE)
COUNT: Final = re.compile(r"\d{1,9}")
# A moment in seconds, as the engine writes it; a word or an empty text could mean "for ever".
INSTANT: Final = re.compile(r"\d{1,10}(?:\.\d{1,9})?")
FILTERS: Final = re.compile(r"\{[^\x00-\x1f\x7f]{0,4000}\}")
WORD: Final = re.compile(r"[a-z-]{1,40}")

ROOT: Final = re.compile("/")
#: The id that no container has.
NOBODY: Final = "0" * 64

# Ids and names, after decoding. No slash, so that no name can grow into another endpoint.
_ID: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}"
# An image's name has slashes between its parts, a port, a tag and a digest: registry:5000/team/app:1.2@sha256:….
_IMAGE_PART: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?"
_IMAGE: Final = (
    rf"{_IMAGE_PART}(?::[0-9]{{1,5}}(?=/))?(?:/{_IMAGE_PART}){{0,15}}"
    rf"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@[a-z0-9]{{1,20}}:[0-9a-f]{{32,128}})?"
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """One endpoint: `{id}` and `{image}` stand for names, `must` lists parameters that have to be there."""

    path: str
    reason: str
    params: dict[str, re.Pattern[str]]
    must: frozenset[str] = frozenset()
    methods: frozenset[str] = METHODS

    @property
    def pattern(self) -> re.Pattern[str]:
        escaped = re.escape(self.path)
        return re.compile(escaped.replace(r"\{id\}", _ID).replace(r"\{image\}", _IMAGE))


ALLOW_LIST: Final = (
    Allowed("/_ping", "says that an engine answers, and which kind", {}),
    Allowed("/version", "names the engine, its parts and the API versions it speaks", {}),
    Allowed("/info", "tells how the engine is set up; holds the swarm's settings without its join tokens", {}),
    Allowed(
        "/events",
        "tells what was done by hand since the last sweep; only a window that ends, because a stream never would",
        {"since": INSTANT, "until": INSTANT, "filters": FILTERS},
        must=frozenset({"until"}),
    ),
    Allowed(
        "/containers/json",
        "lists containers with state, ports, mounts and networks",
        {"all": FLAG, "size": FLAG, "limit": COUNT, "filters": FILTERS},
    ),
    Allowed("/containers/{id}/json", "tells how a container was started: most rules read this", {"size": FLAG}),
    Allowed(
        "/images/json",
        "lists images with tags, digests and age",
        {"all": FLAG, "digests": FLAG, "manifests": FLAG, "shared-size": FLAG, "filters": FILTERS},
    ),
    Allowed("/images/{image}/json", "tells an image's user, volumes, health check and origin", {"manifests": FLAG}),
    Allowed("/images/{image}/attestations", "names the statements that came with an image", {}),
    Allowed("/networks", "lists networks with driver, scope and options", {"filters": FILTERS}),
    Allowed("/networks/{id}", "tells which containers are on a network", {"verbose": FLAG, "scope": WORD}),
    Allowed("/volumes", "lists volumes with driver, and warnings of dead volume plugins", {"filters": FILTERS}),
    Allowed("/volumes/{id}", "tells one volume's driver and options", {}),
    Allowed("/plugins", "lists managed plugins and what they may do", {"filters": FILTERS}),
    Allowed("/services", "lists swarm services with replicas and update policy", {"filters": FILTERS, "status": FLAG}),
    Allowed("/tasks", "lists swarm tasks: the only place that shows why one was rejected", {"filters": FILTERS}),
    Allowed("/nodes", "lists swarm nodes with role and availability", {"filters": FILTERS}),
    Allowed(
        # This very id and no other: ids are random, so no container has it. An engine says 404 and looks at nothing, a
        # proxy that filters 403. A HEAD has no body that could hold a file; of a container that somebody gave this name
        # it would tell what ls -ld / tells, in a header that nobody reads.
        f"/containers/{NOBODY}/archive",
        "tells whether a proxy filters the endpoint, by a question that no engine can answer with anything",
        {"path": ROOT},
        must=frozenset({"path"}),
        methods=frozenset({"HEAD"}),
    ),
    Allowed("/system/df", "tells what images and volumes take on disk", {"type": WORD, "verbose": FLAG}),
)
