"""A container that is started any other way than through an OCI runtime is tied to what started it."""

from __future__ import annotations

from fleet.readiness.findings import Json, MissingFactError, Outcome, failed, known, passed
from fleet.readiness.rule import EVERYWHERE, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

#: The shim that went with containerd 2.0. That /info lists it proves nothing: engines up to 20.10 always do.
_LEGACY_RUNTIMES = frozenset({"io.containerd.runtime.v1.linux"})
_LEGACY_COMPONENTS = frozenset({"rkt", "lxc", "appc"})


class NonOciRuntime(HostRule):
    """Containers on this host run on a way of execution that is not OCI's or is no longer made.

    What it looks at:
    HostConfig.Runtime of every container on the host, DefaultRuntime of /info and the names of the components in
    /version: the runtime io.containerd.runtime.v1.linux, and rkt, appc or LXC. That /info lists the old shim among its
    Runtimes is no failure: engines up to 20.10 always do.

    Why it matters:
    The first shim of containerd was removed in containerd 2.0: these containers cannot start after the next upgrade of
    the engine, and nothing says so before. rkt was archived in 2019 and Docker's LXC driver removed in 2016; nobody
    mends them. What runs on an OCI runtime can be moved to any engine.

    How to fix:
    Make the container anew without --runtime, so that it gets the engine's default, runc by the shim
    io.containerd.runc.v2. Remove a default-runtime from daemon.json that points at the old shim.

    What the fix may break:
    The container is stopped and made anew. Wrappers and hooks that were configured for the old runtime in daemon.json
    under runtimes must be carried over to the new one.

    References:
    - https://github.com/containerd/containerd/blob/main/RELEASES.md
    - https://docs.docker.com/engine/deprecated/
    - https://github.com/rkt/rkt/issues/4024
    - https://github.com/opencontainers/runtime-spec
    """

    title = "Runtime outside the OCI"
    good = "Every container on the host runs on a current OCI runtime."
    catalogue = "RUN-007"
    severity = Severity.HIGH
    facts = ("HostConfig.Runtime", "DefaultRuntime", "Components[].Name")
    stages = EVERYWHERE
    linux_only = True
    remedy = Remedy(
        docker="docker run --runtime io.containerd.runc.v2 …   # or no --runtime at all",
        compose='runtime: io.containerd.runc.v2\n# daemon.json: {"default-runtime": "runc"}',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host, containers = subject.facts, subject.around.containers
        evidence: dict[str, Json] = {}
        legacy = {one.name: one.runtime for one in containers if one.runtime in _LEGACY_RUNTIMES}
        if legacy:
            evidence["HostConfig.Runtime"] = legacy
        if host.default_runtime in _LEGACY_RUNTIMES:
            evidence["DefaultRuntime"] = host.default_runtime
        parts = [one.name for one in known(host.components, "Components") if one.name.lower() in _LEGACY_COMPONENTS]
        if parts:
            evidence["Components[].Name"] = parts
        if evidence:
            return failed(evidence)
        unread = [one.name for one in containers if one.runtime is None]
        if unread:
            raise MissingFactError(f"HostConfig.Runtime of {', '.join(unread[:5])}")
        runtimes = sorted({one.runtime for one in containers if one.runtime})
        return passed({"DefaultRuntime": known(host.default_runtime, "DefaultRuntime"), "HostConfig.Runtime": runtimes})
