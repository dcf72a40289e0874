"""A container's list entry and inspect reply, read into facts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from fleet.engines.reading import attachments, fields
from fleet.engines.reading.checks import health_check
from fleet.engines.reading.fields import find, flag, names, pairs, rows, text, texts, whole
from fleet.engines.reading.redaction import (
    HIDDEN,
    hints_in_command,
    hints_in_environment,
    plain_name,
    redact_pairs,
    redact_text,
    why_secret,
)
from fleet.inventory import ContainerFacts, Device, HandChange, HealthCheck, RestartPolicy, SecretHint

_PLAIN_LOG_OPTIONS = {"max-size", "max-file", "mode", "compress"}  # others (splunk-token, …) may hold credentials
_HEALTH = {"healthy", "unhealthy", "starting"}
_HEALTH_IN_STATUS = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)")
_SSHD = re.compile(r"(?:^|[\s/;&|'\"])sshd(?:$|[\s;&|'\"])")


def from_list(
    entry: dict[str, object], *, identity: str, sized: bool, hand_changes: tuple[HandChange, ...] | None
) -> ContainerFacts:
    """What the list alone tells: everything that only inspect knows stays None. `sized` when it tells sizes, too."""
    state = fields.filled(entry, "State")
    reference = fields.filled(entry, "Image")
    labels, _ = _labels(pairs(entry, "Labels"))
    return ContainerFacts(
        id=identity,
        name=listed_name(entry) or identity[:12],
        inspected=False,
        image_reference=reference,
        listed_image=reference,
        image_id=fields.filled(entry, "ImageID"),
        created_at=fields.moment_of_epoch(entry, "Created"),
        labels=labels,
        state=state,
        health=_health_in_status(state, text(entry, "Status")),
        network_mode=text(entry, "HostConfig", "NetworkMode"),
        ports=attachments.listed_ports(entry, bound=state in attachments.BOUND_STATES),
        mounts=attachments.mounts(entry),
        networks=attachments.networks(entry),
        hand_changes=hand_changes,
        size_rw=_size(entry, sized=sized),
    )


def from_inspect(
    reply: dict[str, object],
    *,
    listed: dict[str, object],
    identity: str,
    podman: bool,
    sized: bool,
    hand_changes: tuple[HandChange, ...] | None,
) -> ContainerFacts:
    """What list and inspect tell together. `podman` marks the engine whose constants are no evidence."""
    config, host, state = find(reply, "Config"), find(reply, "HostConfig"), find(reply, "State")
    status = fields.filled(state, "Status")
    environment = texts(config, "Env")
    arguments = texts(reply, "Args")
    labels, label_hints = _labels(pairs(config, "Labels"))
    check = health_check(config)
    log_options = pairs(host, "LogConfig", "Config")
    return ContainerFacts(
        id=identity,
        name=(text(reply, "Name") or "").lstrip("/") or listed_name(listed) or identity[:12],
        inspected=True,
        image_reference=fields.filled(config, "Image"),
        listed_image=fields.filled(listed, "Image"),
        image_id=fields.filled(reply, "Image"),
        created_at=fields.moment(reply, "Created"),
        labels=labels,
        # State
        state=status,
        health=_health(config, state, check=check, running=status == "running"),
        failing_streak=whole(state, "Health", "FailingStreak") if status == "running" and check else None,
        exit_code=whole(state, "ExitCode"),
        oom_killed=flag(state, "OOMKilled"),
        restarting=flag(state, "Restarting"),
        error=_error(state, known=(*(environment or ()), *(arguments or ()))),
        started_at=fields.moment(state, "StartedAt"),
        finished_at=fields.moment(state, "FinishedAt"),
        restart_count=whole(reply, "RestartCount"),
        # Config
        user=text(config, "User"),
        environment_names=_environment_names(environment),
        health_check=check,
        exposed_ports=names(config, "ExposedPorts", absent=()),
        declared_volumes=names(config, "Volumes", absent=()),
        command_program=_program(reply),
        runs_sshd=_mentions_sshd(text(reply, "Path"), arguments),
        stop_timeout=whole(config, "StopTimeout"),
        stop_signal=fields.filled(config, "StopSignal"),
        secret_hints=_hints(environment, command=_command(reply, arguments), config=config, labels=label_hints),
        # HostConfig
        network_mode=text(host, "NetworkMode"),
        pid_mode=text(host, "PidMode"),
        ipc_mode=text(host, "IpcMode"),
        uts_mode=text(host, "UTSMode"),
        userns_mode=text(host, "UsernsMode"),
        cgroup_parent=text(host, "CgroupParent"),
        privileged=flag(host, "Privileged"),
        cap_add=_capabilities(texts(host, "CapAdd", absent=())),
        cap_drop=_capabilities(texts(host, "CapDrop", absent=())),
        security_options=_security_options(host),
        apparmor_profile=text(reply, "AppArmorProfile"),
        masked_paths=_given_list(host, "MaskedPaths"),
        readonly_paths=_given_list(host, "ReadonlyPaths"),
        readonly_root=flag(host, "ReadonlyRootfs"),
        restart_policy=_restart_policy(host),
        auto_remove=flag(host, "AutoRemove"),
        memory=whole(host, "Memory"),
        memory_reservation=whole(host, "MemoryReservation"),
        memory_swap=whole(host, "MemorySwap"),
        nano_cpus=whole(host, "NanoCpus"),
        cpu_shares=whole(host, "CpuShares"),
        cpu_quota=whole(host, "CpuQuota"),
        cpuset_cpus=text(host, "CpusetCpus"),
        pids_limit=whole(host, "PidsLimit", null=0),
        oom_kill_disable=flag(host, "OomKillDisable", null=False),
        init=flag(host, "Init"),
        runtime=fields.filled(host, "Runtime"),
        # Podman says json-file for what is k8s-file.
        log_driver=None if podman else fields.filled(host, "LogConfig", "Type"),
        log_option_names=names(host, "LogConfig", "Config"),
        log_options=None
        if log_options is None
        else {name: value for name, value in log_options.items() if name in _PLAIN_LOG_OPTIONS},
        links=texts(host, "Links", absent=()),
        devices=fields.read_all(rows(host, "Devices", absent=[]), _device),
        device_cgroup_rules=texts(host, "DeviceCgroupRules", absent=()),
        device_requests=_count(rows(host, "DeviceRequests", absent=[])),
        extra_hosts=texts(host, "ExtraHosts", absent=()),
        ulimits=fields.read_all(rows(host, "Ulimits", absent=[]), lambda limit: text(limit, "Name")),
        sysctls=names(host, "Sysctls", absent=()),
        tmpfs=names(host, "Tmpfs", absent=()),
        # Network and storage
        ports=attachments.inspected_ports(reply, bound=status in attachments.BOUND_STATES),
        mounts=attachments.mounts(reply),
        networks=attachments.networks(reply),
        hand_changes=hand_changes,
        size_rw=_size(listed, sized=sized),
    )


def _size(listed: dict[str, object], *, sized: bool) -> int | None:
    """An engine leaves SizeRw out of the list when it is 0."""
    return whole(listed, "SizeRw", absent=0) if sized else None


def listed_name(entry: dict[str, object]) -> str | None:
    """The container's own name; names with a second slash are links to it."""
    own = [name.lstrip("/") for name in texts(entry, "Names") or () if "/" not in name.lstrip("/")]
    return own[0] if own else None


def _labels(labels: dict[str, str] | None) -> tuple[dict[str, str] | None, tuple[SecretHint, ...]]:
    return (None, ()) if labels is None else redact_pairs(labels, place="label")


def _health_in_status(state: str | None, status: str | None) -> str | None:
    found = _HEALTH_IN_STATUS.search(status or "")
    return found[1] if found and state == "running" else None


def _health(config: object, state: object, *, check: HealthCheck | None, running: bool) -> str | None:
    """Never `State.Health` alone: podman has one without a health check, and a paused container is always unhealthy."""
    if not isinstance(config, dict):
        return None
    if check is None:
        return "none"
    status = text(state, "Health", "Status")
    return status if running and status in _HEALTH else None


def _error(state: object, *, known: Sequence[str]) -> str | None:
    """State.Error without the container's own variables and arguments, which an engine may quote in it."""
    error = text(state, "Error")
    if error is None:
        return None
    values = [part for entry in known for part in (entry, entry.partition("=")[2])]
    return redact_text(error, known=values)


def _environment_names(environment: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if environment is None:
        return None
    return tuple(sorted({plain_name(entry.partition("=")[0]) for entry in environment}))


def _program(reply: dict[str, object]) -> str | None:
    """Path up to the first blank: someone may have put a whole command line into its one word."""
    words = (text(reply, "Path") or "").split()
    return redact_text(words[0]) if words else None


def _command(reply: dict[str, object], arguments: tuple[str, ...] | None) -> tuple[str, ...]:
    return (*(text(reply, "Path") or "").split(), *(arguments or ()))


def _mentions_sshd(program: str | None, arguments: tuple[str, ...] | None) -> bool | None:
    if program is None or arguments is None:
        return None
    return any(_SSHD.search(word) for word in (program, *arguments))


def _hints(
    environment: tuple[str, ...] | None, *, command: tuple[str, ...], config: object, labels: tuple[SecretHint, ...]
) -> tuple[SecretHint, ...] | None:
    """None when the environment was not told: then nobody may say there is no secret."""
    if environment is None:
        return None
    health = texts(config, "Healthcheck", "Test") or ()
    return (
        *hints_in_environment(environment),
        *hints_in_command(command),
        *labels,
        *hints_in_command(health, place="health"),
    )


def _capabilities(given: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(sorted({name.upper().removeprefix("CAP_") for name in given}))


def _security_options(host: object) -> tuple[str, ...] | None:
    given = texts(host, "SecurityOpt", absent=())
    return None if given is None else tuple(_security_option(option) for option in given)


def _security_option(option: str) -> str:
    """A seccomp profile arrives as its whole JSON text and a credential spec may: keep what tells two apart."""
    name, _, value = option.partition("=")
    if name == "seccomp" and value.lstrip().startswith(("{", "[")):
        return f"seccomp=sha256:{hashlib.sha256(value.encode(errors='replace')).hexdigest()}"
    return f"{name}={HIDDEN}" if name == "credentialspec" or why_secret("", value) else option


def _given_list(host: object, key: str) -> tuple[str, ...] | None:
    """Here null is not the empty list: empty means that somebody unmasked the paths."""
    return None if find(host, key) is None else texts(host, key)


def _restart_policy(host: object) -> RestartPolicy | None:
    name = text(host, "RestartPolicy", "Name")
    if name is None:
        return None
    return RestartPolicy(name, whole(host, "RestartPolicy", "MaximumRetryCount") or 0)


def _device(row: dict[str, object]) -> Device | None:
    on_host = text(row, "PathOnHost")
    if on_host is None:
        return None
    return Device(on_host, text(row, "PathInContainer") or "", text(row, "CgroupPermissions") or "")


def _count(found: list[dict[str, object]] | None) -> int | None:
    return None if found is None else len(found)
