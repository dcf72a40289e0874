"""Each tie: who has it, who does not, and what has to be told to know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory import HealthCheck, Mount, NetworkAttachment, RestartPolicy, SwarmServiceFacts
from fleet.neutrality import Effort, Part, by_slug, read, ties
from fleet.neutrality.tie import MissingFactError
from tests.builders import IMAGE_ID, bind_mount, image, volume_mount
from tests.fleet.neutrality.builders import part

CHECK = HealthCheck("CMD", interval=30.0)
TASK = {"com.docker.swarm.task.id": "t1", "com.docker.swarm.service.name": "shop"}
ON = {"network_mode": "weave", "networks": (NetworkAttachment("weave", "w"),)}
OCI = "application/vnd.oci.image.manifest.v1+json"
DOCKERS = "application/vnd.docker.distribution.manifest.v2+json"


def swarm(**told: Any) -> SwarmServiceFacts:
    return SwarmServiceFacts(id="s", name="shop", **{"secrets": 0, "configs": 0, **told})


#: By slug: changes that make the tie, and the effort and evidence that follow.
TIED: list[tuple[str, dict[str, Any], Effort, dict[str, tuple[str, ...]]]] = [
    ("docker-in-docker", {"image_reference": "docker:27-dind"}, Effort.REWORK, {"Config.Image": ("docker:27-dind",)}),
    ("network-plugin", {**ON, "networks_": {"w": "weave"}}, Effort.REWORK, {"Network.Driver": ("weave",)}),
    ("overlay-network", {**ON, "networks_": {"weave": "overlay"}}, Effort.REWORK, {"Network.Driver": ("overlay",)}),
    ("swarm-service", {"labels": TASK}, Effort.REWORK, {"com.docker.swarm.service.name": ("shop",)}),
    ("windows-container", {"os_type": "windows"}, Effort.REWORK, {"OSType": ("windows",)}),
    ("windows-container", {"image": image(os="windows")}, Effort.REWORK, {"Image.Os": ("windows",)}),
    ("engine-files", {"mounts": (bind_mount("/var/lib/docker/containers", "/logs"),)}, Effort.CONFIGURATION,
     {"Mounts[].Source": ("/var/lib/docker/containers:/logs",)}),
    ("engine-log-driver", {"log_driver": "local"}, Effort.DROP_IN, {"LogConfig.Type": ("local",)}),
    ("engine-log-driver", {"log_driver": "gelf"}, Effort.CONFIGURATION, {"LogConfig.Type": ("gelf",)}),
    ("engine-socket", {"mounts": (bind_mount("/var/run/docker.sock", "/s"),)}, Effort.CONFIGURATION,
     {"Mounts[].Source": ("/var/run/docker.sock:/s",)}),
    ("engine-socket", {"mounts": (bind_mount("/var/run", "/run"),)}, Effort.CONFIGURATION,
     {"Mounts[].Source": ("/var/run:/run",)}),
    ("gpu-request", {"device_requests": 2}, Effort.CONFIGURATION, {"HostConfig.DeviceRequests": ("2",)}),
    ("image-format", {"image": image(media_type="application/vnd.docker.distribution.manifest.v1+prettyjws")},
     Effort.CONFIGURATION, {"Descriptor.mediaType": ("application/vnd.docker.distribution.manifest.v1+prettyjws",)}),
    ("legacy-links", {"links": ("/db:/web/db",)}, Effort.CONFIGURATION, {"HostConfig.Links": ("/db:/web/db",)}),
    ("other-runtime", {"runtime": "runsc"}, Effort.CONFIGURATION, {"HostConfig.Runtime": ("runsc",)}),
    ("podman-users", {"engine": "podman", "userns_mode": "keep-id"}, Effort.CONFIGURATION,
     {"HostConfig.UsernsMode": ("keep-id",)}),
    ("swarm-secrets", {"labels": TASK, "swarm": swarm(secrets=2)}, Effort.CONFIGURATION,
     {"ContainerSpec.Secrets": ("2",)}),
    ("vendor-log-driver", {"log_driver": "awslogs"}, Effort.CONFIGURATION, {"LogConfig.Type": ("awslogs",)}),
    ("volume-plugin", {"mounts": (volume_mount(driver="pxd"),)}, Effort.CONFIGURATION, {"Mounts[].Driver": ("pxd",)}),
    ("volume-plugin", {"mounts": (volume_mount(driver="flocker"),)}, Effort.REWORK, {"Mounts[].Driver": ("flocker",)}),
    ("volume-plugin", {"mounts": (Mount("cluster", "/data"),)}, Effort.CONFIGURATION, {"Mounts[].Driver": ("csi",)}),
    ("cgroup-parent", {"cgroup_parent": "/batch"}, Effort.DROP_IN, {"HostConfig.CgroupParent": ("/batch",)}),
    ("engine-profile", {"security_options": ("apparmor=docker-default",)}, Effort.DROP_IN,
     {"HostConfig.SecurityOpt": ("apparmor=docker-default",)}),
    ("engine-profile", {"security_options": ("seccomp=sha256:ab",)}, Effort.DROP_IN,
     {"HostConfig.SecurityOpt": ("seccomp=sha256:ab",)}),
    ("host-gateway", {"extra_hosts": ("db:10.0.0.1", "host.docker.internal:host-gateway")}, Effort.DROP_IN,
     {"HostConfig.ExtraHosts": ("host.docker.internal:host-gateway",)}),
    ("image-health-check", {"image": image(health_check=CHECK)}, Effort.DROP_IN,
     {"Image.Config.Healthcheck": ("CMD",), "Descriptor.mediaType": ("not reported",)}),
    ("image-health-check", {"image": image(health_check=CHECK, media_type=OCI)}, Effort.DROP_IN,
     {"Image.Config.Healthcheck": ("CMD",), "Descriptor.mediaType": (OCI,)}),
    ("podman-network", {"engine": "podman", "network_mode": "slirp4netns"}, Effort.DROP_IN,
     {"HostConfig.NetworkMode": ("slirp4netns",)}),
    ("removed-runtime", {"runtime": "io.containerd.runtime.v1.linux"}, Effort.DROP_IN,
     {"HostConfig.Runtime": ("io.containerd.runtime.v1.linux",)}),
    ("systemd-unit", {"engine": "podman", "labels": {"PODMAN_SYSTEMD_UNIT": "web.service"}}, Effort.DROP_IN,
     {"PODMAN_SYSTEMD_UNIT": ("web.service",)}),
    ("restart-by-engine", {"restart_policy": RestartPolicy("unless-stopped")}, Effort.HOST,
     {"HostConfig.RestartPolicy": ("unless-stopped",)}),
]  # fmt: skip

#: By slug: what is near to the tie and none.
FREE: list[tuple[str, dict[str, Any]]] = [
    ("docker-in-docker", {"image_reference": "registry.internal/docker-docs:1"}),
    ("docker-in-docker", {"image_reference": IMAGE_ID}),
    ("network-plugin", {**ON, "networks_": {"w": "macvlan"}}),
    ("network-plugin", {"network_mode": "host", "networks": None}),
    ("overlay-network", {"network_mode": "container:abc", "networks": None}),
    ("engine-socket", {"mounts": (bind_mount("/", "/host"),)}),
    ("engine-socket", {"mounts": (bind_mount("/run/secrets", "/s"),)}),
    ("engine-files", {"mounts": (bind_mount("/var/lib/dockerish", "/s"),)}),
    ("engine-log-driver", {"log_driver": "journald"}),
    ("vendor-log-driver", {"log_driver": "none"}),
    ("vendor-log-driver", {"log_driver": "local"}),
    ("image-format", {"image": image(media_type=OCI)}),
    ("image-format", {"image": image(media_type=DOCKERS)}),
    ("image-format", {"image": image(media_type=None)}),
    ("image-health-check", {"image": image(health_check=CHECK, media_type=DOCKERS)}),
    ("image-health-check", {"image": image(health_check=HealthCheck("CMD", interval=5.0))}),
    ("image-health-check", {"image": image(health_check=CHECK), "health_check": None}),
    ("other-runtime", {"runtime": "crun"}),
    ("other-runtime", {"runtime": "io.containerd.runtime.v1.linux"}),
    ("restart-by-engine", {"restart_policy": RestartPolicy("on-failure")}),
    ("restart-by-engine", {"restart_policy": RestartPolicy("always"), "labels": TASK}),
    ("swarm-secrets", {"labels": TASK, "swarm": swarm()}),
    ("swarm-secrets", {"swarm": swarm(secrets=1)}),
    ("volume-plugin", {"mounts": (volume_mount(), bind_mount("/srv"))}),
    ("host-gateway", {"extra_hosts": ("db:10.0.0.1",)}),
    ("engine-profile", {"security_options": ("seccomp=unconfined", "no-new-privileges:true")}),
    ("podman-users", {"engine": "podman", "userns_mode": "host"}),
]

#: By slug: what was not told, and how the engine calls it.
UNTOLD: list[tuple[str, dict[str, Any], str]] = [
    ("docker-in-docker", {"image_reference": None}, "Config.Image"),
    ("network-plugin", {"networks": None}, "NetworkSettings.Networks"),
    ("network-plugin", {"networks_": {}}, "Network.Driver"),
    ("overlay-network", {"network_mode": None}, "HostConfig.NetworkMode"),
    ("swarm-service", {"labels": None}, "Config.Labels"),
    ("engine-files", {"mounts": None}, "Mounts"),
    ("engine-log-driver", {"log_driver": None}, "LogConfig.Type"),
    ("vendor-log-driver", {"log_driver": None}, "LogConfig.Type"),
    ("engine-socket", {"mounts": (Mount("bind", "/x"),)}, "Mounts[].Source"),
    ("gpu-request", {"device_requests": None}, "HostConfig.DeviceRequests"),
    ("image-format", {"image": None}, "Image"),
    ("image-health-check", {"image": image(health_check=None)}, "Image.Config.Healthcheck"),
    ("image-health-check", {"inspected": False}, "Config.Healthcheck"),
    ("legacy-links", {"links": None}, "HostConfig.Links"),
    ("other-runtime", {"runtime": None}, "HostConfig.Runtime"),
    ("removed-runtime", {"runtime": None}, "HostConfig.Runtime"),
    ("podman-users", {"engine": "podman", "userns_mode": None}, "HostConfig.UsernsMode"),
    ("podman-network", {"engine": "podman", "network_mode": None}, "HostConfig.NetworkMode"),
    ("swarm-secrets", {"labels": TASK, "swarm": swarm(configs=None)}, "ContainerSpec.Configs"),
    ("volume-plugin", {"mounts": (volume_mount(driver=None),)}, "Mounts[].Driver"),
    ("cgroup-parent", {"cgroup_parent": None}, "HostConfig.CgroupParent"),
    ("engine-profile", {"security_options": None}, "HostConfig.SecurityOpt"),
    ("host-gateway", {"extra_hosts": None}, "HostConfig.ExtraHosts"),
    ("restart-by-engine", {"restart_policy": None}, "HostConfig.RestartPolicy"),
]


def made(changes: dict[str, Any]) -> Part:
    """`networks` are what the container is attached to, `networks_` the drivers of the host's networks."""
    given = dict(changes)
    drivers = {"networks": given.pop("networks_")} if "networks_" in given else {}
    attached = {"networks": given.pop("networks")} if "networks" in given else {}
    plain = part(**given)
    return replace(plain, facts=replace(plain.facts, **attached), **drivers)


def test_nothing_ties_the_container_that_these_tests_start_from() -> None:
    reading = read([part()])
    assert (reading.distance.value, reading.bonds, reading.missing) == ("free", (), ())


@pytest.mark.parametrize(
    ("slug", "changes", "effort", "evidence"), TIED, ids=lambda one: one if isinstance(one, str) else ""
)
def test_who_has_the_tie(
    slug: str, changes: dict[str, Any], effort: Effort, evidence: dict[str, tuple[str, ...]]
) -> None:
    tie = by_slug()[slug]
    found = tie.find(made(changes))
    assert found is not None
    assert (found.effort or tie.effort, found.evidence) == (effort, evidence)


@pytest.mark.parametrize(("slug", "changes"), FREE, ids=lambda one: one if isinstance(one, str) else "")
def test_who_is_near_and_does_not(slug: str, changes: dict[str, Any]) -> None:
    assert by_slug()[slug].find(made(changes)) is None


@pytest.mark.parametrize(("slug", "changes", "fact"), UNTOLD, ids=lambda one: one if isinstance(one, str) else "")
def test_what_has_to_be_told(slug: str, changes: dict[str, Any], fact: str) -> None:
    with pytest.raises(MissingFactError) as raised:
        by_slug()[slug].find(made(changes))
    assert str(raised.value) == fact


def test_every_tie_stands_in_these_lists() -> None:
    assert {slug for slug, *_ in TIED} == {tie.slug for tie in ties()}
    needs_nothing = {"windows-container", "systemd-unit"}  # what they read is there or is no sign
    assert {slug for slug, *_ in UNTOLD} | needs_nothing == {tie.slug for tie in ties()}


@pytest.mark.parametrize("tie", ties(), ids=lambda tie: tie.slug)
def test_every_tie_says_what_to_change_and_where_that_is_written(tie: Any) -> None:
    assert tie.change.endswith(".")
    assert tie.elsewhere.endswith(".")
    assert all(source.startswith("https://") for source in tie.sources)
    assert len(tie.about) > 80
