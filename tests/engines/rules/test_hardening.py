from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fleet.engines import collect
from fleet.readiness.policy import Policy
from fleet.readiness.vocabulary import Severity, Status
from fleet.transport import Endpoint, EngineClient
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.judging import judge_engine, judge_snapshot

pytestmark = pytest.mark.engine

MARKER = "hunter2-never-to-be-seen"
API = "engine-api-without-tls"
SECRET = "secret-in-configuration"
NO_PAUSE = ("--tls=false",)  # said aloud, it spares the fifteen seconds by which an engine warns of an open port


@pytest.mark.parametrize(
    ("slug", "violating", "mended"),
    [
        ("runs-as-root", {}, {"user": "10001:10001"}),
        ("runs-as-root", {"user": "root:10001"}, {"user": "app"}),
        ("dangerous-capability", {"cap_add": ["SYS_PTRACE"]}, {"cap_add": ["NET_BIND_SERVICE"]}),
        ("dangerous-capability", {"cap_add": ["CAP_NET_ADMIN"]}, {"cap_drop": ["ALL"]}),
        ("dangerous-capability", {"cap_add": ["IPC_LOCK"]}, {"cap_add": ["CHOWN"]}),
        ("seccomp-disabled", {"security_opt": ["seccomp=unconfined"]}, {}),
        ("seccomp-disabled", {"security_opt": ["seccomp:unconfined"]}, {"security_opt": ["no-new-privileges"]}),
        ("host-pid-namespace", {"pid_mode": "host"}, {}),
        (
            SECRET,
            {"environment": {"DB_PASSWORD": MARKER}},
            {"environment": {"DB_PASSWORD_FILE": "/run/secrets/db"}},
        ),
        (SECRET, {"labels": {"traefik.api_token": MARKER}}, {"labels": {"traefik.enable": "true"}}),
        (
            SECRET,
            {"command": ["sh", "-c", "sleep 1000", "--password", MARKER]},
            {"command": ["sh", "-c", "sleep 1000", "--password-file", "/run/secrets/db"]},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_running_container_fails_and_its_mended_twin_passes(
    engine: RealEngine, slug: str, violating: dict[str, Any], mended: dict[str, Any]
) -> None:
    engine.run("violating", **violating)
    engine.run("mended", **mended)
    found = judge_engine(engine)
    assert found[slug, "violating"].status is Status.FAIL
    assert found[slug, "mended"].status is Status.PASS
    assert MARKER not in json.dumps([[finding.evidence, finding.reason] for finding in found.values()])


@pytest.mark.parametrize(
    ("slug", "violating", "mended"),
    [
        ("privileged-container", {"privileged": True}, {}),
        ("dangerous-capability", {"cap_add": ["ALL"]}, {"cap_add": ["CHOWN"]}),
    ],
)
def test_a_container_whose_start_some_kernels_refuse_is_judged_as_created(
    engine: RealEngine, slug: str, violating: dict[str, Any], mended: dict[str, Any]
) -> None:
    engine.create("violating", **violating)
    engine.create("mended", **mended)
    found = judge_engine(engine)
    assert (found[slug, "violating"].status, found[slug, "violating"].severity) == (Status.FAIL, Severity.CRITICAL)
    assert found[slug, "mended"].status is Status.PASS
    assert judge_engine(engine, datetime.now(UTC))[slug, "violating"].status is Status.NOT_APPLICABLE


def test_an_image_that_names_its_user_mends_what_one_without_violates(engine: RealEngine) -> None:
    engine.import_image("careful:local", changes=["USER 10001"])
    engine.run("violating")
    engine.run("mended", image="careful:local")
    found = judge_engine(engine)
    assert found["runs-as-root", "violating"].status is Status.FAIL
    assert found["runs-as-root", "mended"].status is Status.PASS


def test_the_engines_socket_fails_and_a_folder_of_its_own_passes(engine: RealEngine, tmp_path: Path) -> None:
    socket = engine.folder / "docker.sock"
    if not socket.exists():
        socket.symlink_to(engine.socket.name)
    engine.run("socket", volumes=[f"{socket}:/var/run/docker.sock:ro"])
    engine.run("folder", volumes=["/run:/host/run:ro"])
    engine.docker("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", "device=/run", "disguised")
    engine.run("disguise", volumes=["disguised:/host/run"])
    engine.run("mended", volumes=[f"{tmp_path}:/data"])
    found = judge_engine(engine)
    for name in ("socket", "folder", "disguise"):
        finding = found["engine-socket-mounted", name]
        assert (finding.status, finding.severity) == (Status.FAIL, Severity.CRITICAL), name
    assert found["engine-socket-mounted", "mended"].status is Status.PASS
    # One mount, one finding.
    assert found["sensitive-host-path", "socket"].status is Status.PASS


def test_a_sensitive_path_fails_and_a_plain_one_passes(engine: RealEngine, tmp_path: Path) -> None:
    engine.run("writable", volumes=["/etc:/host/etc"])
    engine.run("readable", volumes=["/etc:/host/etc:ro"])
    engine.run("own-data", volumes=[f"{engine.folder}/data/containers:/logs"])
    engine.run("mended", volumes=[f"{tmp_path}:/data", "/etc/localtime:/etc/localtime:ro", "named:/var/lib/app"])
    found = judge_engine(engine)
    for name, severity in (
        ("writable", Severity.CRITICAL),
        ("readable", Severity.HIGH),
        ("own-data", Severity.CRITICAL),
    ):
        finding = found["sensitive-host-path", name]
        assert (finding.status, finding.severity) == (Status.FAIL, severity), name
    assert found["sensitive-host-path", "mended"].status is Status.PASS


def test_unmasked_kernel_paths_fail_and_the_engines_own_masks_pass(engine: RealEngine) -> None:
    run = ("run", "-d", "--security-opt")
    engine.docker(*run, "systempaths=unconfined", "--name", "violating", BUSYBOX, "sleep", "1000")
    engine.docker(*run, "no-new-privileges", "--name", "mended", BUSYBOX, "sleep", "1000")
    found = judge_engine(engine)
    assert found["kernel-paths-unmasked", "violating"].status is Status.FAIL
    assert found["kernel-paths-unmasked", "mended"].status is Status.PASS


def test_a_volume_with_a_password_fails_and_one_with_a_credentials_file_passes(engine: RealEngine) -> None:
    create = ("volume", "create", "-o", "type=cifs", "-o", "device=//files/share", "-o")
    engine.docker(*create, f"o=username=shop,password={MARKER}", "open")
    engine.docker(*create, "o=credentials=/etc/files.cred", "closed")
    # Without nocopy the engine mounts the share, which is not there, to fill it from the image.
    engine.create("violating", volumes=["open:/data:nocopy"])
    engine.create("mended", volumes=["closed:/data:nocopy"])
    found = judge_engine(engine)
    assert found[SECRET, "violating"].status is Status.FAIL
    assert found[SECRET, "mended"].status is Status.PASS
    assert MARKER not in json.dumps([[finding.evidence, finding.reason] for finding in found.values()])


def test_the_policy_names_secrets_of_its_own_and_takes_harmless_ones_away(engine: RealEngine) -> None:
    engine.run("violating", environment={"APP_SIGNING": MARKER})
    engine.run("mended", environment={"PUBLIC_TOKEN": MARKER})
    policy = Policy(secret_names=("*_SIGNING",), harmless_names=("PUBLIC_*",))
    found = judge_engine(engine, policy=policy)
    assert found[SECRET, "violating"].evidence == {"Config.Env": ["APP_SIGNING"]}
    assert found[SECRET, "mended"].status is Status.PASS
    without = judge_engine(engine)
    assert without[SECRET, "violating"].status is Status.PASS
    assert without[SECRET, "mended"].status is Status.FAIL


def test_one_in_the_namespace_of_a_container_in_the_hosts_fails(engine: RealEngine) -> None:
    engine.run("agent", pid_mode="host")
    engine.run("violating", pid_mode="container:agent")
    engine.run("plain")
    engine.run("mended", pid_mode="container:plain")
    found = judge_engine(engine)
    assert found["host-pid-namespace", "violating"].status is Status.FAIL
    assert found["host-pid-namespace", "mended"].status is Status.PASS


@pytest.mark.parametrize(
    ("address", "severity"), [("0.0.0.0", Severity.CRITICAL), ("127.0.0.1", Severity.MEDIUM)], ids=["network", "own"]
)
def test_an_engine_that_listens_without_tls_fails(engines_possible: None, address: str, severity: Severity) -> None:
    with RealEngine("open", listen=(f"tcp://{address}:2375",), arguments=NO_PAUSE) as engine:
        found = judge_engine(engine)[API, "open"]
    assert (found.status, found.severity) == (Status.FAIL, severity)
    assert found.evidence == {"Warnings": [f"API is accessible on http://{address}:2375"]}


def test_being_reached_without_tls_fails(three_engines: ThreeEngines) -> None:
    switch = three_engines.secured.switch
    with (
        RealEngine("open", switch=switch, listen=("tcp://0.0.0.0:2375",), arguments=NO_PAUSE) as engine,
        EngineClient(Endpoint(f"tcp://{engine.address}:2375")) as client,
    ):
        found = judge_snapshot(collect(client, now=datetime.now(UTC)))[API, "host"]
    assert (found.status, found.severity) == (Status.FAIL, Severity.CRITICAL)
    assert found.evidence["endpoint"] == "tcp without TLS, over the network"


def test_encryption_without_client_verification_fails(three_engines: ThreeEngines) -> None:
    certificates = three_engines.secured.certificates
    assert certificates is not None
    server = certificates.server
    keys = ("--tlscacert", f"{server}/ca.pem", "--tlscert", f"{server}/cert.pem", "--tlskey", f"{server}/key.pem")
    with RealEngine("open", listen=("tcp://0.0.0.0:2376",), arguments=("--tls", "--tlsverify=false", *keys)) as engine:
        found = judge_engine(engine)[API, "open"]
    assert (found.status, found.severity) == (Status.FAIL, Severity.CRITICAL)
    assert found.evidence == {"Warnings": ["API is accessible on https://0.0.0.0:2376"]}


def test_an_engine_on_a_socket_only_and_one_behind_mutual_tls_pass(
    engine: RealEngine, three_engines: ThreeEngines
) -> None:
    assert judge_engine(engine)[API, "engine"].status is Status.PASS
    secured = judge_engine(three_engines.secured)[API, "secured"]
    assert secured.status is Status.PASS
    assert secured.evidence["endpoint"] == "https"
