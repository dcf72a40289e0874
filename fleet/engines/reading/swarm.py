"""/services, /tasks, /nodes and /plugins, read into facts."""

from __future__ import annotations

from fleet.engines.reading import fields
from fleet.engines.reading.fields import find, flag, pairs, rows, text, texts, whole
from fleet.engines.reading.redaction import redact_text, without_secrets
from fleet.inventory import Mount, NodeFacts, PluginFacts, SwarmServiceFacts, TaskFacts

_MODES = {
    "Replicated": "replicated",
    "Global": "global",
    "ReplicatedJob": "replicated-job",
    "GlobalJob": "global-job",
}


def service(entry: dict[str, object]) -> SwarmServiceFacts | None:
    spec = find(entry, "Spec")
    identity, name = fields.filled(entry, "ID"), fields.filled(spec, "Name")
    if identity is None or name is None:
        return None
    template = find(spec, "TaskTemplate")
    container = find(template, "ContainerSpec")
    # A service that asks for nothing has no Resources at all.
    nothing: dict[str, object] | None = {} if isinstance(template, dict) else None
    limits = find(template, "Resources", "Limits") or nothing
    reserved = find(template, "Resources", "Reservations") or nothing
    placement = find(template, "Placement")
    update = find(spec, "UpdateConfig")
    return SwarmServiceFacts(
        id=identity,
        name=name,
        image_reference=fields.filled(container, "Image"),
        mode=_mode(spec),
        replicas=_replicas(spec),
        running_tasks=whole(entry, "ServiceStatus", "RunningTasks"),
        desired_tasks=whole(entry, "ServiceStatus", "DesiredTasks"),
        labels=without_secrets(pairs(spec, "Labels")),
        container_labels=without_secrets(_omitted_pairs(container, "Labels")),
        published_ports=_published_ports(entry),
        constraints=_constraints(placement),
        max_replicas_per_node=whole(placement, "MaxReplicas", absent=0),
        spread_preferences=_spread(placement),
        mounts=fields.read_all(rows(container, "Mounts", absent=[]), _mount),
        memory_limit=whole(limits, "MemoryBytes", absent=0),
        nano_cpus_limit=whole(limits, "NanoCPUs", absent=0),
        memory_reservation=whole(reserved, "MemoryBytes", absent=0),
        nano_cpus_reservation=whole(reserved, "NanoCPUs", absent=0),
        restart_condition=fields.filled(template, "RestartPolicy", "Condition"),
        stop_grace_period=fields.seconds(container, "StopGracePeriod"),
        init=flag(container, "Init"),
        secrets=_number(container, "Secrets"),
        configs=_number(container, "Configs"),
        health_check_test=_health_kind(container),
        update_failure_action=fields.filled(update, "FailureAction"),
        update_parallelism=whole(update, "Parallelism"),
        update_order=fields.filled(update, "Order"),
        update_state=fields.filled(entry, "UpdateStatus", "State"),
        rollback_configured=isinstance(find(spec, "RollbackConfig"), dict) if isinstance(spec, dict) else None,
        updated_at=fields.moment(entry, "UpdatedAt"),
    )


def task(entry: dict[str, object]) -> TaskFacts | None:
    identity = fields.filled(entry, "ID")
    if identity is None:
        return None
    error = text(entry, "Status", "Err")
    return TaskFacts(
        id=identity,
        service_id=fields.filled(entry, "ServiceID"),
        node_id=fields.filled(entry, "NodeID"),
        slot=whole(entry, "Slot"),
        state=fields.filled(entry, "Status", "State"),
        desired_state=fields.filled(entry, "DesiredState"),
        error=redact_text(error) if error else None,
        container_id=fields.filled(entry, "Status", "ContainerStatus", "ContainerID"),
        at=fields.moment(entry, "Status", "Timestamp"),
    )


def node(entry: dict[str, object]) -> NodeFacts | None:
    identity = fields.filled(entry, "ID")
    if identity is None:
        return None
    return NodeFacts(
        id=identity,
        hostname=fields.filled(entry, "Description", "Hostname"),
        role=fields.filled(entry, "Spec", "Role"),
        availability=fields.filled(entry, "Spec", "Availability"),
        state=fields.filled(entry, "Status", "State"),
        engine_version=fields.filled(entry, "Description", "Engine", "EngineVersion"),
        # A worker has no manager status at all.
        leader=flag(entry, "ManagerStatus", "Leader", absent=False) if "ManagerStatus" in entry else False,
        reachability=fields.filled(entry, "ManagerStatus", "Reachability"),
        updated_at=fields.moment(entry, "UpdatedAt"),
    )


def plugin(entry: dict[str, object]) -> PluginFacts | None:
    name = fields.filled(entry, "Name")
    if name is None:
        return None
    return PluginFacts(
        name=name,
        enabled=flag(entry, "Enabled"),
        interfaces=_interfaces(entry),
    )


def _mode(spec: object) -> str | None:
    mode = find(spec, "Mode")
    known = [word for key, word in _MODES.items() if isinstance(mode, dict) and key in mode]
    return known[0] if known else None


def _replicas(spec: object) -> int | None:
    replicated = whole(spec, "Mode", "Replicated", "Replicas")
    return replicated if replicated is not None else whole(spec, "Mode", "ReplicatedJob", "TotalCompletions")


def _number(container: object, key: str) -> int | None:
    """Go leaves an empty list out here."""
    found = rows(container, key, absent=[]) if isinstance(container, dict) else None
    return None if found is None else len(found)


def _omitted_pairs(value: object, key: str) -> dict[str, str] | None:
    """Go leaves an empty map out here."""
    if isinstance(value, dict) and key not in value:
        return {}
    return pairs(value, key)


def _published_ports(entry: dict[str, object]) -> tuple[str, ...] | None:
    ports = fields.read_all(rows(entry, "Endpoint", "Ports", absent=[]), _published_port)
    return None if ports is None else tuple(sorted(ports))


def _published_port(row: dict[str, object]) -> str | None:
    """`published:target/protocol/mode`."""
    target = whole(row, "TargetPort")
    if target is None:
        return None
    published = whole(row, "PublishedPort", absent=0)
    return f"{published}:{target}/{text(row, 'Protocol') or 'tcp'}/{text(row, 'PublishMode') or 'ingress'}"


def _constraints(placement: object) -> tuple[str, ...] | None:
    found = () if placement is None else texts(placement, "Constraints", absent=())
    return None if found is None else tuple(redact_text(constraint) for constraint in found)


def _spread(placement: object) -> tuple[str, ...] | None:
    if placement is None:
        return ()
    preferences = rows(placement, "Preferences", absent=[])
    return fields.read_all(preferences, lambda row: text(row, "Spread", "SpreadDescriptor"))


def _mount(row: dict[str, object]) -> Mount | None:
    target = text(row, "Target")
    if target is None:
        return None
    kind, source = text(row, "Type") or "volume", fields.filled(row, "Source")
    return Mount(
        kind=kind,
        destination=target,
        source=source,
        name=source if kind == "volume" else None,
        driver=fields.filled(row, "VolumeOptions", "DriverConfig", "Name"),
        writable=not flag(row, "ReadOnly", absent=False),
    )


def _health_kind(container: object) -> str | None:
    """The first word of the test, "" where the service adds none to its image's."""
    test = texts(container, "Healthcheck", "Test")
    if not test:
        return "" if isinstance(container, dict) and "Healthcheck" not in container else None
    return test[0] if test[0] in {"CMD", "CMD-SHELL", "NONE"} else "CMD"


def _interfaces(entry: dict[str, object]) -> tuple[str, ...] | None:
    """Config.Interface.Types are objects in newer replies and texts such as docker.volumedriver/1.0 in older ones."""
    found = find(entry, "Config", "Interface", "Types")
    if not isinstance(found, list):
        return None
    kinds = [item if isinstance(item, str) else text(item, "Capability") for item in found]
    return tuple(fields.clean(kind) for kind in kinds if kind)
