"""/services, /tasks and /nodes of a manager, and the cluster that /info tells of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from fleet.simulation.identifiers import hex_id, moment, nanoseconds, swarm_id
from fleet.simulation.plan import Node, Service, Swarm
from fleet.simulation.spec import DAY, Container, Network, Port

_AGE = 400 * DAY
INGRESS = Network("ingress", 0, driver="overlay", ingress=True)


@cache
def _tls() -> dict[str, str]:
    """With a root certificate of this process: when it ends is all that anybody reads of it."""
    key, name = generate_private_key(SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "swarm-ca")])
    began = datetime.now(UTC) - timedelta(seconds=_AGE)
    root = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=20 * 365))
        .sign(key, SHA256())
    )
    return {
        "TrustRoot": root.public_bytes(Encoding.PEM).decode(),
        "CertIssuerSubject": "MBMxETAPBgNVBAMTCHN3YXJtLWNh",
        "CertIssuerPublicKey": "c2ltdWxhdGVk",
    }


def cluster(swarm: Swarm, *, began: float) -> dict[str, Any]:
    return {
        "ID": swarm_id(swarm.name, "cluster"),
        "Version": {"Index": 10},
        "CreatedAt": moment(began - _AGE),
        "UpdatedAt": moment(began - _AGE),
        "Spec": {
            "Name": "default",
            "Labels": {},
            "Orchestration": {"TaskHistoryRetentionLimit": 5},
            "Raft": {"SnapshotInterval": 10000, "KeepOldSnapshots": 0, "LogEntriesForSlowFollowers": 500,
                     "ElectionTick": 10, "HeartbeatTick": 1},
            "Dispatcher": {"HeartbeatPeriod": nanoseconds(5)},
            "CAConfig": {"NodeCertExpiry": nanoseconds(90 * DAY)},
            "TaskDefaults": {},
            "EncryptionConfig": {"AutoLockManagers": True},
        },
        "TLSInfo": _tls(),
        "RootRotationInProgress": False,
        "DefaultAddrPool": None,
        "SubnetSize": 24,
        "DataPathPort": 4789,
    }  # fmt: skip


def services(swarm: Swarm, *, began: float, with_status: bool) -> list[dict[str, Any]]:
    found = []
    for service in swarm.services:
        entry = _service(swarm, service, began=began)
        if with_status:
            entry["ServiceStatus"] = _status(swarm, service)
        found.append(entry)
    return found


def _status(swarm: Swarm, service: Service) -> dict[str, int]:
    mine = [c for _, c in swarm.placed if c.task and c.task.service == service.name]
    running = sum(1 for container in mine if container.life.state == "running" and not container.life.loop)
    return {"RunningTasks": running, "DesiredTasks": service.replicas or len(swarm.nodes), "CompletedTasks": 0}


def _service(swarm: Swarm, service: Service, *, began: float) -> dict[str, Any]:
    ports = [_port(port) for port in service.ports]
    endpoint: dict[str, Any] = {"Mode": "vip"} | ({"Ports": ports} if ports else {})
    networks = ["ingress"] if ports else []
    virtual = [
        {"NetworkID": swarm_id(swarm.name, "network", name), "Addr": f"10.0.{number}.2/24"}
        for number, name in enumerate([*networks, *service.template.networks])
    ]
    spec: dict[str, Any] = {
        "Name": service.name,
        "Labels": dict(service.labels),
        "TaskTemplate": {**task_template(swarm, service), "Runtime": "container"},
        "Mode": {"Replicated": {"Replicas": service.replicas}} if service.replicas else {"Global": {}},
        "UpdateConfig": {"Parallelism": 1, "FailureAction": "rollback", "Monitor": nanoseconds(5),
                         "MaxFailureRatio": 0, "Order": "start-first"},
        "EndpointSpec": endpoint,
    }  # fmt: skip
    spec["RollbackConfig"] = spec["UpdateConfig"]
    return {
        "ID": swarm_id(swarm.name, "service", service.name),
        "Version": {"Index": 16},
        "CreatedAt": moment(began - service.age),
        "UpdatedAt": moment(began - service.template.life.age),
        "Spec": spec,
        "Endpoint": {"Spec": endpoint} | ({"Ports": ports} if ports else {}) | {"VirtualIPs": virtual},
    }


def task_template(swarm: Swarm, service: Service) -> dict[str, Any]:
    container = service.template
    limits = {"NanoCPUs": container.nano_cpus, "MemoryBytes": container.memory, "Pids": container.pids_limit}
    reserved = {"MemoryBytes": container.memory_reservation}
    return {
        "ContainerSpec": _container_spec(container),
        "Resources": {
            "Limits": {name: value for name, value in limits.items() if value},
            "Reservations": {name: value for name, value in reserved.items() if value},
        },
        "RestartPolicy": {"Condition": "any", "Delay": nanoseconds(5), "MaxAttempts": 0},
        "Placement": {"Constraints": list(service.constraints)} if service.constraints else {},
        "Networks": [{"Target": swarm_id(swarm.name, "network", name)} for name in container.networks],
        "ForceUpdate": 0,
    }


def _container_spec(container: Container) -> dict[str, Any]:
    check = container.health_check
    labels = {k: v for k, v in container.labels.items() if not k.startswith("com.docker.swarm.")}
    said: dict[str, Any] = {
        "Labels": labels,
        "Args": list(container.command or ()),
        "Env": list(container.environment),
        "User": container.user or "",
        "ReadOnly": container.read_only,
    }
    found: dict[str, Any] = {"Image": container.given_reference} | {k: v for k, v in said.items() if v}
    found["Init"] = bool(container.init)
    if container.mounts:
        found["Mounts"] = [
            {"Type": mount.kind} | ({"Source": mount.source} if mount.source else {}) | {"Target": mount.destination}
            for mount in container.mounts
        ]
    if check:
        found["Healthcheck"] = {"Test": list(check.test)}
    found |= {"DNSConfig": {}, "Isolation": "default"}
    return found | ({"CapabilityDrop": list(container.cap_drop)} if container.cap_drop else {})


def _port(port: Port) -> dict[str, Any]:
    return {"Protocol": port.protocol, "TargetPort": port.container_port, "PublishedPort": port.host_port,
            "PublishMode": "ingress"}  # fmt: skip


def tasks(swarm: Swarm, *, began: float) -> list[dict[str, Any]]:
    templates = {service.name: task_template(swarm, service) for service in swarm.services}
    ids = {service.name: swarm_id(swarm.name, "service", service.name) for service in swarm.services}
    found = []
    for host, container in swarm.placed:
        if container.task is None:
            continue
        at = moment(began - container.life.age)
        entry = {
            "ID": container.task.id,
            "Version": {"Index": 46},
            "CreatedAt": moment(began - container.life.age - 2),
            "UpdatedAt": at,
            "Labels": {},
            "Spec": templates[container.task.service],
            "ServiceID": ids[container.task.service],
            "Slot": container.task.slot,
            "NodeID": swarm_id(swarm.name, "node", host),
            "Status": _task_status(host, container, at),
            "DesiredState": "running",
            "NetworksAttachments": [_attachment(swarm, network, began=began) for network in _on(swarm, container)],
        }
        if not container.task.slot:
            del entry["Slot"]
        found.append(entry)
    return found


def _task_status(host: str, container: Container, at: str) -> dict[str, Any]:
    pid = 1000 + int(hex_id(host, container.name)[:4], 16)
    return {
        "Timestamp": at,
        "State": "running",
        "Message": "started",
        "ContainerStatus": {"ContainerID": hex_id(host, "container", container.name), "PID": pid, "ExitCode": 0},
        "PortStatus": {},
    }


def _on(swarm: Swarm, container: Container) -> list[Network]:
    return [network for network in (INGRESS, *swarm.networks) if network.name in container.networks]


def _attachment(swarm: Swarm, network: Network, *, began: float) -> dict[str, Any]:
    age = moment(began - network.age)
    configs = [{"Subnet": f"10.0.{network.subnet}.0/24", "Gateway": f"10.0.{network.subnet}.1"}]
    options = {"com.docker.network.driver.overlay.vxlanid_list": str(4096 + network.subnet), **network.options}
    return {
        "Network": {
            "ID": swarm_id(swarm.name, "network", network.name),
            "Version": {"Index": 12},
            "CreatedAt": age,
            "UpdatedAt": age,
            "Spec": _network_spec(network),
            "DriverState": {"Name": "overlay", "Options": options},
            "IPAMOptions": {"Driver": {"Name": "default"}, "Configs": configs},
        },
        "Addresses": [f"10.0.{network.subnet}.9/24"],
    }  # fmt: skip


def _network_spec(network: Network) -> dict[str, Any]:
    found: dict[str, Any] = {"Name": network.name, "Labels": dict(network.labels), "DriverConfiguration": {}}
    if network.ingress:
        return found | {"Ingress": True, "IPAMOptions": {"Driver": {}}, "Scope": "swarm"}
    driver: dict[str, Any] = {"Name": "overlay"} | ({"Options": dict(network.options)} if network.options else {})
    options = {"IPAMOptions": {"Driver": {"Name": "default"}}, "Scope": "swarm"}
    return found | {"DriverConfiguration": driver} | options


def nodes(swarm: Swarm, engine_version: str, *, began: float) -> list[dict[str, Any]]:
    return [_node(swarm, node, engine_version, began=began) for node in swarm.nodes]


def _node(swarm: Swarm, node: Node, engine_version: str, *, began: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ID": swarm_id(swarm.name, "node", node.host),
        "Version": {"Index": 48},
        "CreatedAt": moment(began - _AGE),
        "UpdatedAt": moment(began - 60),
        "Spec": {"Labels": {}, "Role": "manager" if node.manager else "worker", "Availability": "active"},
        "Description": {
            "Hostname": node.host,
            "Platform": {"Architecture": "x86_64", "OS": "linux"},
            "Resources": {"NanoCPUs": nanoseconds(16), "MemoryBytes": 64 * 1024**3},
            "Engine": {"EngineVersion": engine_version, "Plugins": _PLUGINS},
            "TLSInfo": _tls(),
        },
        "Status": {"State": "ready", "Addr": node.address},
    }
    if node.manager:
        leading = {"Leader": True} if node.leader else {}
        found["ManagerStatus"] = {**leading, "Reachability": "reachable", "Addr": f"{node.address}:2377"}
    return found


_PLUGINS = [
    *({"Type": "Log", "Name": name} for name in ("fluentd", "journald", "json-file", "local", "syslog")),
    *({"Type": "Network", "Name": name} for name in ("bridge", "host", "ipvlan", "macvlan", "null", "overlay")),
    {"Type": "Volume", "Name": "local"},
]
