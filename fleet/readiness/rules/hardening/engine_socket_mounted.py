"""Whoever holds the engine's socket is root on the host, so a container that has it is not contained."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.inventory.paths import exposed_socket, normalise
from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import EVERYWHERE, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class EngineSocketMounted(ContainerRule):
    """The container can give orders to its host's engine.

    What it looks at:
    Mounts[].Source: a path that ends with docker.sock, containerd.sock, crio.sock or podman.sock, a folder that holds
    one of them (/, /run, /var/run, /run/containerd, …), or the engine's named pipe on Windows. A local volume that is a
    bind mount in disguise (options o=bind and device) counts as what it shows. The whole root, mounted as /, is CIS 5.6
    and not 5.32; it hands out the socket all the same.

    Why it matters:
    The socket asks for no password. One request through it starts a privileged container with the host's root
    mounted, so a break-in here is a break-in on the host and on every container of it. A read-only mount changes
    nothing: it protects the socket's file, not the orders sent through it.

    How to fix:
    Ask what the container wants from the engine. For reading (reverse proxies, log and metric agents) put a filtering
    proxy before the socket that lets through GET on the paths that are needed, on an internal network, and point the
    program there with DOCKER_HOST. For building images use a rootless builder. Many tools work without: log drivers,
    file-based service discovery, metrics from the engine's own endpoint.
    An agent that truly needs it belongs on a list of accepted risks with a name on it, not among ordinary services.

    What the fix may break:
    Tools that start, stop or update other containers do not work behind a proxy that only reads. Reverse proxies that
    find their targets through container labels need GET on containers, events, networks and version.

    References:
    - CIS Docker 1.6.0 5.32
    - OWASP Docker Security Cheat Sheet, rule 1
    - NIST SP 800-190 4.4.3
    - Docker documentation, Docker daemon attack surface
    """

    title = "Engine socket inside a container"
    good = "No engine's socket is mounted into the container."
    catalogue = "HRD-002"
    severity = Severity.CRITICAL
    facts = ("Mounts[].Source",)
    stages = EVERYWHERE
    core_gate = True
    remedy = Remedy(
        docker="docker run -e DOCKER_HOST=tcp://socket-proxy:2375 …   # instead of -v /var/run/docker.sock:…",
        compose=(
            "environment: [DOCKER_HOST=tcp://socket-proxy:2375]\n"
            "volumes: []   # without /var/run/docker.sock\n"
            "networks: [socket-proxy]"
        ),
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        found = {}
        only_root = True
        for source, destination in _sources(subject):
            socket = exposed_socket(source)
            if socket:
                found[f"{source}:{destination}"] = socket
                only_root = only_root and normalise(source) == "/"
        if not found:
            return passed()
        reason = f"It reaches {', '.join(sorted(set(found.values())))}."
        return failed({"Mounts[].Source": sorted(found)}, reason, cis=() if only_root else None)


def _sources(subject: ContainerSubject) -> Iterator[tuple[str, str]]:
    volumes = subject.around.volumes or {}
    for mount in known(subject.facts.mounts, "Mounts"):
        if mount.kind in {"bind", "npipe"}:
            yield known(mount.source, "Mounts[].Source"), mount.destination
        elif mount.name and mount.name in volumes:
            disguised = volumes[mount.name].bind_source
            if disguised:
                yield disguised, mount.destination
