"""What engines that follow the OCI's specifications have in common, as far as containers ask for it by name."""

from __future__ import annotations

from typing import Final

#: Runtimes that every engine starts containers with. Podman calls its own "oci", whichever it is.
RUNTIMES: Final = frozenset({"", "runc", "crun", "youki", "oci", "io.containerd.runc.v2", "io.containerd.runc.v1"})
#: The first shim of containerd: engines up to 20.10 have it, and no other engine ever had it.
REMOVED_RUNTIME: Final = "io.containerd.runtime.v1.linux"
#: Log drivers that Docker and Podman both take: the latter writes its own form under the name json-file.
LOG_DRIVERS: Final = frozenset({"", "none", "json-file", "journald", "k8s-file", "passthrough"})
#: Docker's own that write or send in an open form, with what to do instead.
DOCKERS_LOG_DRIVERS: Final = {
    "local": "Log to json-file with max-size, or to journald.",
    "syslog": "Log to journald, and let the syslog daemon read the journal.",
    "gelf": "Log to journald, and let a collector of the host send GELF.",
    "fluentd": "Log to journald, and let Fluent Bit or Fluentd read the journal.",
}
#: Network drivers that both bring along.
NETWORK_DRIVERS: Final = frozenset({"bridge", "host", "null", "none", "macvlan", "ipvlan"})
