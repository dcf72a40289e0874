"""/version and /info, read into facts of the engine and the machine under it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fleet.engines.reading import fields
from fleet.engines.reading.fields import find, flag, names, text, texts, whole
from fleet.engines.reading.redaction import HIDDEN, redact_text, why_secret
from fleet.inventory import Component, DiskUsage, HostFacts, Registry, SwarmFacts
from fleet.transport import Endpoint


def is_podman(version: dict[str, object] | None) -> bool:
    """Of one that was not asked again no: Podman is asked each time."""
    return any(component.name.startswith("Podman") for component in _components(version or {}) or ())


def disk_usage(reply: dict[str, object]) -> DiskUsage:
    """/system/df in both its shapes: lists of things until API 1.51, sums of them from 1.53 on."""
    summary = find(reply, "ImageUsage") or find(reply, "ImagesUsage")
    images = fields.rows(reply, "Images")
    return DiskUsage(
        images_reclaimable=whole(summary, "Reclaimable") if summary else _reclaimable(reply, images),
        images_total=whole(summary, "TotalCount") if summary else None if images is None else len(images),
        build_cache=whole(find(reply, "BuildCacheUsage"), "TotalSize"),
    )


def _reclaimable(reply: dict[str, object], images: list[dict[str, object]] | None) -> int | None:
    """All layers without those of images that some container uses; layers that are shared count as used by nobody."""
    layers = whole(reply, "LayersSize")
    if layers is None or images is None:
        return None
    used = sum(
        (whole(image, "Size") or 0) - max(0, whole(image, "SharedSize") or 0)
        for image in images
        if (whole(image, "Containers") or 0) > 0
    )
    return max(0, layers - used)


def from_replies(
    version: dict[str, object],
    info: dict[str, object],
    *,
    asked_at: datetime,
    round_trip: float,
    endpoint: Endpoint,
    volume_warnings: tuple[str, ...] | None,
) -> HostFacts:
    """`asked_at` is the collector's time half-way through /info."""
    podman = is_podman(version)
    system_time = fields.moment(info, "SystemTime")
    return HostFacts(
        kind="podman" if podman else "docker",
        engine_id=fields.filled(info, "ID"),
        name=fields.filled(info, "Name"),
        engine_version=fields.filled(version, "Version") or fields.filled(info, "ServerVersion"),
        engine_commit=fields.filled(version, "GitCommit"),
        api_version=fields.filled(version, "ApiVersion"),
        min_api_version=fields.filled(version, "MinAPIVersion"),
        operating_system=fields.filled(info, "OperatingSystem"),
        os_version=fields.filled(info, "OSVersion"),
        os_type=fields.filled(info, "OSType"),
        architecture=fields.filled(info, "Architecture"),
        kernel_version=fields.filled(info, "KernelVersion"),
        cpus=whole(info, "NCPU"),
        memory=whole(info, "MemTotal"),
        system_time=system_time,
        clock_offset=(system_time - asked_at).total_seconds() if system_time else None,
        clock_round_trip=round_trip,
        root_dir=fields.filled(info, "DockerRootDir"),
        labels=_labels(info),
        components=_components(version),
        runc_commit=fields.filled(info, "RuncCommit", "ID"),
        containerd_commit=fields.filled(info, "ContainerdCommit", "ID"),
        init_binary=fields.filled(info, "InitBinary"),
        storage_driver=fields.filled(info, "Driver"),
        storage_status=_storage_status(info),
        logging_driver=fields.filled(info, "LoggingDriver"),  # podman leaves it empty
        cgroup_driver=fields.filled(info, "CgroupDriver"),
        cgroup_version=fields.filled(info, "CgroupVersion"),
        default_runtime=fields.filled(info, "DefaultRuntime"),
        # Podman answers the next four with constants, or with what it knows of rather than what is there.
        runtimes=None if podman else names(info, "Runtimes"),
        live_restore=None if podman else flag(info, "LiveRestoreEnabled"),
        experimental=None if podman else flag(info, "ExperimentalBuild"),
        registries=None if podman else _registries(info),
        insecure_registry_cidrs=texts(info, "RegistryConfig", "InsecureRegistryCIDRs"),
        security_options=_security_options(info),
        debug=flag(info, "Debug"),
        memory_limit=flag(info, "MemoryLimit"),
        swap_limit=flag(info, "SwapLimit"),
        pids_limit=flag(info, "PidsLimit"),
        cpu_cfs_quota=flag(info, "CpuCfsQuota"),
        ipv4_forwarding=flag(info, "IPv4Forwarding"),
        bridge_nf_iptables=flag(info, "BridgeNfIptables"),
        firewall_backend=fields.filled(info, "FirewallBackend", "Driver"),
        warnings=redacted(texts(info, "Warnings", absent=())),
        volume_plugins=texts(info, "Plugins", "Volume"),
        network_plugins=texts(info, "Plugins", "Network"),
        authorization_plugins=texts(info, "Plugins", "Authorization", absent=()),
        log_plugins=texts(info, "Plugins", "Log"),
        swarm=_swarm(find(info, "Swarm")),
        containers_total=whole(info, "Containers"),
        images_total=whole(info, "Images"),
        volume_warnings=volume_warnings,
        endpoint_scheme=_scheme(endpoint),
        endpoint_loopback=endpoint.loopback,
    )


def redacted(lines: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if lines is None else tuple(redact_text(line) for line in lines)


def _components(version: dict[str, object]) -> tuple[Component, ...] | None:
    return fields.read_all(fields.rows(version, "Components"), _component)


def _component(row: dict[str, object]) -> Component | None:
    name, version = text(row, "Name"), text(row, "Version")
    return None if name is None or version is None else Component(name, version)


def _labels(info: dict[str, object]) -> tuple[str, ...] | None:
    given = texts(info, "Labels")
    if given is None:
        return None
    split = [label.partition("=") for label in given]
    return tuple(f"{name}{sign}{HIDDEN if why_secret(name, value) else value}" for name, sign, value in split)


def _storage_status(info: dict[str, object]) -> dict[str, str] | None:
    """DriverStatus is a list of two-item lists."""
    found = find(info, "DriverStatus")
    if not isinstance(found, list):
        return None
    status: dict[str, str] = {}
    for pair in found:
        match pair:
            case [str(name), str(value)]:
                status[fields.clean(name)] = redact_text(fields.clean(value))
            case _:
                return None
    return status


def _registries(info: dict[str, object]) -> tuple[Registry, ...] | None:
    table = find(info, "RegistryConfig", "IndexConfigs")
    if not isinstance(table, dict):
        return None
    found = []
    for name, settings in sorted(table.items()):
        secure = flag(settings, "Secure")
        mirrors = texts(settings, "Mirrors")
        if secure is None or mirrors is None:
            return None
        kept = tuple(redact_text(mirror) for mirror in mirrors)
        found.append(Registry(fields.clean(name), secure, kept, flag(settings, "Official") or False))
    return tuple(found)


def _security_options(info: dict[str, object]) -> tuple[str, ...] | None:
    """With `name=rootless` also where only podman's own field says so."""
    found = texts(info, "SecurityOptions")
    if found is not None and flag(info, "Rootless") and "name=rootless" not in found:
        return (*found, "name=rootless")
    return found


def _swarm(swarm: object) -> SwarmFacts | None:
    if not isinstance(swarm, dict):
        return None
    cluster = find(swarm, "Cluster")
    return SwarmFacts(
        state=fields.filled(swarm, "LocalNodeState"),
        node_id=fields.filled(swarm, "NodeID"),
        control_available=flag(swarm, "ControlAvailable"),
        managers=whole(swarm, "Managers"),
        nodes=whole(swarm, "Nodes"),
        cluster_id=fields.filled(cluster, "ID"),
        autolock=flag(cluster, "Spec", "EncryptionConfig", "AutoLockManagers"),
        certificate_expiry=fields.seconds(cluster, "Spec", "CAConfig", "NodeCertExpiry"),
        root_rotation_in_progress=flag(cluster, "RootRotationInProgress"),
        root_certificate_expires=_expiry(text(cluster, "TLSInfo", "TrustRoot")),
    )


def _expiry(certificate: str | None) -> datetime | None:
    if not certificate:
        return None
    try:
        from cryptography import x509  # of managers only; loading it takes as long as sweeping twenty quiet hosts

        return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc.astimezone(UTC)
    except ValueError:
        return None


def _scheme(endpoint: Endpoint) -> str:
    """How Loadline itself reaches the engine: tcp is what nothing encrypts."""
    if endpoint.encrypted:
        return "https"
    return "tcp" if endpoint.scheme == "http" else endpoint.scheme
