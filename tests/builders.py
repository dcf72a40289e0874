"""Healthy facts to start from; a test changes only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fleet.inventory import (
    Component,
    ContainerFacts,
    DiskUsage,
    HealthCheck,
    HostFacts,
    ImageFacts,
    Mount,
    NetworkAttachment,
    NetworkFacts,
    Registry,
    RestartPolicy,
    Snapshot,
    Subnet,
    SwarmFacts,
    VolumeFacts,
)
from fleet.readiness.policy import Policy
from fleet.readiness.subjects import (
    ContainerSubject,
    HostSubject,
    ImageSubject,
    Member,
    NetworkSubject,
    ServiceSubject,
    Surroundings,
    VolumeSubject,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "d" * 64
ENGINE_ID = "ABCD:EFGH"
OWNED = {"com.docker.compose.project": "shop", "loadline.team": "payments", "loadline.tier": "3"}
IMAGE_ID = "sha256:" + "a" * 64


def container(**changes: Any) -> ContainerFacts:
    """A running web server that no rule has anything against."""
    healthy = ContainerFacts(
        id="c" * 64,
        name="web",
        inspected=True,
        image_reference=f"registry.internal/web:1.4@{DIGEST}",
        image_id=IMAGE_ID,
        created_at=NOW - timedelta(days=2),
        # Somebody owns it, deploys it from a file, and can do without it until Monday: so one replica is enough.
        labels=dict(OWNED),
        state="running",
        health="healthy",
        failing_streak=0,
        exit_code=0,
        oom_killed=False,
        restarting=False,
        error="",
        started_at=NOW - timedelta(days=2),
        restart_count=0,
        user="10001",
        environment_names=("PATH",),
        health_check=HealthCheck("CMD", interval=30.0),
        exposed_ports=("8080/tcp",),
        declared_volumes=(),
        command_program="/app",
        runs_sshd=False,
        secret_hints=(),
        network_mode="app",
        pid_mode="",
        ipc_mode="private",
        uts_mode="",
        userns_mode="",
        cgroup_parent="",
        privileged=False,
        cap_add=(),
        cap_drop=("ALL",),
        security_options=("no-new-privileges:true",),
        apparmor_profile="docker-default",
        masked_paths=("/proc/kcore",),
        readonly_paths=("/proc/sys",),
        readonly_root=True,
        restart_policy=RestartPolicy("on-failure", 5),
        auto_remove=False,
        memory=512 * 1024 * 1024,
        memory_reservation=0,
        nano_cpus=1_000_000_000,
        cpu_shares=0,
        cpu_quota=0,
        cpuset_cpus="",
        pids_limit=200,
        oom_kill_disable=False,
        init=True,
        runtime="runc",
        log_driver="local",
        log_option_names=(),
        links=(),
        devices=(),
        device_cgroup_rules=(),
        device_requests=0,
        extra_hosts=(),
        ulimits=("nofile",),
        sysctls=(),
        tmpfs=(),
        ports=(),
        mounts=(),
        size_rw=0,
        hand_changes=(),
        networks=(NetworkAttachment("app", "n" * 64),),
    )
    return replace(healthy, **changes)


def image(**changes: Any) -> ImageFacts:
    return replace(
        ImageFacts(
            id=IMAGE_ID,
            tags=("registry.internal/web:1.4",),
            digests=(f"registry.internal/web@{DIGEST}",),
            created_at=NOW - timedelta(days=20),
            size=40_000_000,
            labels={
                f"org.opencontainers.image.{name}": "told"
                for name in ("source", "revision", "version", "created", "base.name")
            },
            architecture="amd64",
            os="linux",
            comment="buildkit.dockerfile.v0",
            layers=4,
            declared_volumes=(),
            containerd_store=False,
            inspected=True,
        ),
        **changes,
    )


def network(**changes: Any) -> NetworkFacts:
    return replace(
        NetworkFacts(
            id="n" * 64,
            name="app",
            driver="bridge",
            scope="local",
            internal=False,
            attachable=False,
            ingress=False,
            ipv6=False,
            options={},
            labels={},
            subnets=(Subnet("172.20.0.0/16", "172.20.0.1"),),
        ),
        **changes,
    )


def volume(**changes: Any) -> VolumeFacts:
    return replace(
        VolumeFacts(
            name="data",
            driver="local",
            scope="local",
            mountpoint="/var/lib/docker/volumes/data/_data",
            options={},
            labels={},
            created_at=NOW - timedelta(days=30),
        ),
        **changes,
    )


def volume_mount(name: str = "data", destination: str = "/data", **changes: Any) -> Mount:
    return replace(
        Mount("volume", destination, f"/var/lib/docker/volumes/{name}/_data", name, "local", writable=True), **changes
    )


def bind_mount(source: str, destination: str = "/mnt", **changes: Any) -> Mount:
    return replace(Mount("bind", destination, source, writable=True, propagation="rprivate"), **changes)


def host(**changes: Any) -> HostFacts:
    """A current engine on a current Linux, reached over mutual TLS."""
    return replace(
        HostFacts(
            kind="docker",
            engine_id=ENGINE_ID,
            name="prod-01",
            engine_version="29.7.2",
            api_version="1.55",
            min_api_version="1.40",
            operating_system="Ubuntu 24.04.3 LTS",
            os_version="24.04",
            os_type="linux",
            architecture="x86_64",
            kernel_version="6.8.0",
            cpus=8,
            memory=32 * 1024**3,
            system_time=NOW,
            clock_offset=0.0,
            clock_round_trip=0.01,
            root_dir="/var/lib/docker",
            labels=("loadline.logs=collected", "loadline.userland-proxy=off"),
            components=(Component("Engine", "29.7.2"), Component("containerd", "v2.3.6"), Component("runc", "1.4.3")),
            runc_commit="v1.4.3-0-gabcdef",
            storage_driver="overlay2",
            storage_status={"Supports d_type": "true"},
            logging_driver="json-file",
            cgroup_driver="systemd",
            cgroup_version="2",
            default_runtime="runc",
            runtimes=("io.containerd.runc.v2", "runc"),
            security_options=("name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns", "name=userns"),
            live_restore=True,
            experimental=False,
            debug=False,
            memory_limit=True,
            swap_limit=True,
            pids_limit=True,
            cpu_cfs_quota=True,
            ipv4_forwarding=True,
            bridge_nf_iptables=True,
            warnings=(),
            registries=(Registry("docker.io", secure=True, official=True),),
            insecure_registry_cidrs=("127.0.0.0/8", "::1/128"),
            volume_plugins=("local",),
            network_plugins=("bridge", "host", "ipvlan", "macvlan", "null", "overlay"),
            authorization_plugins=("authz-broker",),
            swarm=SwarmFacts(state="inactive", control_available=False),
            volume_warnings=(),
            disk_usage=DiskUsage(images_reclaimable=0, images_total=3),
            archive_probe=403,
            events_whole=True,
            endpoint_scheme="https",
            endpoint_loopback=False,
        ),
        **changes,
    )


def snapshot(*containers: ContainerFacts, **changes: Any) -> Snapshot:
    return replace(
        Snapshot(
            taken_at=NOW,
            seconds=0.2,
            host=host(),
            containers=containers or (container(),),
            images=(image(),),
            networks=(network(),),
            volumes=(),
            plugins=(),
        ),
        **changes,
    )


def around(
    *,
    containers: tuple[ContainerFacts, ...] = (),
    images: tuple[ImageFacts, ...] | None = None,
    networks: tuple[NetworkFacts, ...] | None = None,
    volumes: tuple[VolumeFacts, ...] | None = (),
    **changes: Any,
) -> Surroundings:
    """A host's surroundings; pass `images=None` is the default set, an explicit tuple replaces it."""
    chosen_images = (image(),) if images is None else images
    chosen_networks = (network(),) if networks is None else networks
    return replace(
        Surroundings(
            host=host(),
            now=NOW,
            policy=Policy(allowed_registries=("registry.internal", "docker.io")),
            containers=containers,
            images={one.id: one for one in chosen_images},
            networks={key: one for one in chosen_networks for key in (one.id, one.name)},
            volumes=None if volumes is None else {one.name: one for one in volumes},
        ),
        **changes,
    )


def container_subject(facts: ContainerFacts | None = None, **changes: Any) -> ContainerSubject:
    """`changes` are of ContainerSubject (around, service, restarts) or, any other name, of the container's facts."""
    own = {key: changes.pop(key) for key in ("around", "service", "restarts") if key in changes}
    chosen = replace(facts or container(), **changes)
    return ContainerSubject(
        facts=chosen,
        around=own.get("around") or around(containers=(chosen,)),
        service=own.get("service", "web"),
        restarts=own.get("restarts", 0),
    )


def host_subject(**changes: Any) -> HostSubject:
    return HostSubject(around=around(host=host(**changes)))


def image_subject(**changes: Any) -> ImageSubject:
    return ImageSubject(facts=image(**changes), around=around())


def network_subject(surroundings: Surroundings | None = None, **changes: Any) -> NetworkSubject:
    return NetworkSubject(facts=network(**changes), around=surroundings or around())


def volume_subject(*users: ContainerSubject, surroundings: Surroundings | None = None, **changes: Any) -> VolumeSubject:
    return VolumeSubject(facts=volume(**changes), around=surroundings or around(), users=users)


def member(facts: ContainerFacts | None = None, **changes: Any) -> Member:
    """`changes` are of Member (host, fresh, image, volumes, …) or, any other name, of the container's facts."""
    names = ("host", "stage", "environment", "engine", "node_id", "fresh", "image", "volumes")
    own = {key: changes.pop(key) for key in names if key in changes}
    return replace(
        Member(facts=replace(facts or container(), **changes), host="prod-01", image=image(), volumes={}), **own
    )


def service_subject(*members: Member, **changes: Any) -> ServiceSubject:
    """A web service that somebody owns, with two replicas on two hosts; `members` replace them."""
    labels = {"loadline.tier": "2", "loadline.runbook": "https://wiki.internal/web", "loadline.oncall": "web@internal"}
    replicas = (
        member(id="1" * 64, name="web-1", labels=labels, host="prod-01"),
        member(id="2" * 64, name="web-2", labels=labels, host="prod-02"),
    )
    return replace(ServiceSubject(name="web", members=members or replicas, now=NOW, team="payments"), **changes)
