"""An engine that does not insist on TLS runs whatever the network hands it under the right name."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from fleet.readiness.findings import Json, Outcome, failed, known, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class InsecureRegistry(HostRule):
    """The engine pulls images from a registry over plain HTTP, or over TLS without looking at the certificate.

    What it looks at:
    RegistryConfig of /info: IndexConfigs with Secure false, InsecureRegistryCIDRs beyond the loopback addresses that
    every engine allows, and Mirrors that start with http://.

    Why it matters:
    Whoever sits between the host and the registry, or answers in its name, decides what a tag means and sees the
    password of every docker login. Images are programs that run with whatever rights the container is given. A range of
    addresses opens the door for every machine that ever gets one of them.

    How to fix:
    Give the registry a certificate, put the CA that signed it into /etc/docker/certs.d/HOST:PORT/ca.crt on each host,
    and remove the entry from insecure-registries in daemon.json. systemctl reload docker makes the engine read it.

    What the fix may break:
    Pulls fail until the certificate names the registry as the hosts call it, address and port included. Pin by digest
    in the meantime: a digest cannot be forged on the way.

    References:
    - CIS Docker 1.6.0 2.5
    - NIST SP 800-190 4.2.1
    - https://docs.docker.com/reference/cli/dockerd/#insecure-registries
    """

    title = "Insecure registry"
    good = "The engine talks to registries over verified TLS only."
    catalogue = "TRU-013"
    severity = Severity.HIGH
    facts = ("RegistryConfig.IndexConfigs", "RegistryConfig.InsecureRegistryCIDRs", "RegistryConfig.Mirrors")
    remedy = Remedy(
        docker="install -D ca.crt /etc/docker/certs.d/registry.internal:5000/ca.crt\nsystemctl reload docker",
        compose='# daemon.json: remove "insecure-registries" and http:// mirrors\n{"insecure-registries": []}',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host = subject.facts
        if host.kind == "podman":
            return unknown("Podman does not report its registries.")
        registries = known(host.registries, "RegistryConfig.IndexConfigs")
        ranges = known(host.insecure_registry_cidrs, "RegistryConfig.InsecureRegistryCIDRs")
        insecure = [one.name for one in registries if not one.secure]
        mirrors = [mirror for one in registries for mirror in one.mirrors if mirror.lower().startswith("http://")]
        wide = [text for text in ranges if not _loopback(text)]
        evidence: dict[str, Json] = {}
        if insecure:
            evidence["RegistryConfig.IndexConfigs"] = {name: {"Secure": False} for name in insecure}
        if wide:
            evidence["RegistryConfig.InsecureRegistryCIDRs"] = wide
        if mirrors:
            evidence["RegistryConfig.Mirrors"] = mirrors
        if evidence:
            return failed(evidence)
        return passed({"RegistryConfig.InsecureRegistryCIDRs": list(ranges)})


def _loopback(text: str) -> bool:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False
    return any(
        network.version == own.version and network.subnet_of(own)  # type: ignore[arg-type]  # of one version, then
        for own in _LOOPBACK
    )
