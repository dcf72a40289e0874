"""Rules about what holds a container back, on a really started engine: a violation fails, its mended twin does not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fleet.inventory.versions import Version
from fleet.readiness.vocabulary import Severity, Status
from tests.engines.harness import FOREVER, RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.judging import Findings, judge_engine

pytestmark = pytest.mark.engine

NNP = "new-privileges"
LSM = "lsm-profile-disabled"


@dataclass(frozen=True)
class Case:
    """Flags of the docker command that violate a rule, and flags that mend it. Only where it `runs` is it started."""

    slug: str
    violating: tuple[str, ...]
    mended: tuple[str, ...]
    severity: Severity
    cis: tuple[str, ...] | None = None
    twin: Status = Status.PASS
    runs: bool = False


CASES = (
    Case("capabilities-not-dropped", (), ("--cap-drop", "ALL", "--cap-add", "chown"), Severity.MEDIUM, runs=True),
    Case("capabilities-not-dropped", ("--cap-drop", "mknod"), ("--cap-drop", "all"), Severity.MEDIUM),
    Case(NNP, ("--security-opt", f"no-{NNP}=false"), ("--security-opt", f"no-{NNP}"), Severity.MEDIUM, ("5.26",)),
    Case("host-ipc-or-uts", ("--ipc", "host"), ("--ipc", "shareable"), Severity.HIGH, ("5.17",), runs=True),
    Case("host-ipc-or-uts", ("--uts", "host"), ("--hostname", "web"), Severity.LOW, ("5.21",)),
    Case("host-ipc-or-uts", ("--ipc", "host", "--uts", "host"), (), Severity.HIGH, ("5.17", "5.21")),
    Case("user-namespace-bypassed", ("--userns", "host"), (), Severity.LOW, twin=Status.NOT_APPLICABLE),
    Case("writable-root", (), ("--read-only",), Severity.MEDIUM, runs=True),
    Case("host-device", ("--device", "/dev/null:/dev/x:r"), (), Severity.MEDIUM, runs=True),
    Case("host-device", ("--device-cgroup-rule", "c 1:3 mr"), (), Severity.MEDIUM, ()),
    Case("host-device", ("--device", "/dev/sda"), (), Severity.CRITICAL),
    Case(
        *("host-device", ("--gpus", "all"), ("--gpus", "all", "--label", "loadline.role=gpu"), Severity.INFO, ()),
        twin=Status.NOT_APPLICABLE,
    ),
    Case("no-ulimits", (), ("--ulimit", "nofile=1024"), Severity.LOW, ("5.19",)),
    Case("sshd-in-container", ("--expose", "22"), ("--expose", "2222"), Severity.MEDIUM),
    Case(
        *("sshd-in-container", ("-p", "127.0.0.1::22"), ("-p", "127.0.0.1::22", "--label", "loadline.role=bastion")),
        Severity.MEDIUM,
        twin=Status.NOT_APPLICABLE,
    ),
    Case("foreign-cgroup", ("--cgroup-parent", "/lle-other"), (), Severity.LOW),
)


@pytest.fixture(scope="module")
def found(session_engine: RealEngine) -> Findings:
    """What every rule says of the containers of every case; they stand on one engine together."""
    for number, case in enumerate(CASES):
        verb = ("run", "-d") if case.runs else ("create",)
        for name, flags in (("violating", case.violating), ("mended", case.mended)):
            session_engine.docker(*verb, "--name", f"{name}-{number}", *flags, BUSYBOX, *FOREVER)
    findings = judge_engine(session_engine)
    session_engine.remove_all()
    return findings


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number].slug}-{number}")
def test_the_violation_fails_and_its_mended_twin_does_not(found: Findings, number: int) -> None:
    case = CASES[number]
    finding = found[case.slug, f"violating-{number}"]
    assert (finding.status, finding.severity, finding.cis) == (Status.FAIL, case.severity, case.cis)
    assert found[case.slug, f"mended-{number}"].status is case.twin


def test_a_container_without_a_word_on_privileges_fails_as_far_as_the_engine_tells(engine: RealEngine) -> None:
    engine.run("violating")
    finding = judge_engine(engine)[NNP, "violating"]
    version = Version.parse(engine.client.version()["Version"])
    assert version is not None
    assert finding.status is Status.FAIL
    assert finding.cis == (None if version.numbers >= (24,) else ("5.26",))


def test_switching_a_security_module_off_fails_whether_the_host_has_one_or_not(engine: RealEngine) -> None:
    for name, flags in {
        "apparmor": ("--security-opt", "apparmor=unconfined"),
        "selinux": ("--security-opt", "label=disable"),
        "both": ("--security-opt", "apparmor=unconfined", "--security-opt", "label=disable"),
        "by-pid": ("--pid", "host"),
        "by-ipc": ("--ipc", "host"),
        "mended": ("--security-opt", "label=type:svirt_lxc_net_t"),
    }.items():
        engine.docker("create", "--name", name, *flags, BUSYBOX, *FOREVER)
    options = engine.client.info()["SecurityOptions"]
    findings = judge_engine(engine)
    for name, modules, cis in (
        ("apparmor", {"name=apparmor"}, ("5.2",)),
        ("selinux", {"name=selinux"}, ("5.3",)),
        ("both", {"name=apparmor", "name=selinux"}, ("5.2", "5.3")),
    ):
        severity = Severity.MEDIUM if modules.intersection(options) else Severity.LOW
        finding = findings[LSM, name]
        assert (finding.status, finding.severity, finding.cis) == (Status.FAIL, severity, cis), name
    for name in ("by-pid", "by-ipc", "mended"):
        assert findings[LSM, name].status is not Status.FAIL, name


def test_a_mount_that_spreads_fails(engine: RealEngine, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("mounted")
    for name, propagation in (("violating", "rshared"), ("mended", "rslave")):
        # Not started: that takes a folder which the host itself mounted as shared.
        engine.docker("create", "--name", name, "-v", f"{folder}:/x:{propagation}", BUSYBOX, *FOREVER)
    findings = judge_engine(engine)
    assert findings["shared-propagation", "violating"].status is Status.FAIL
    assert findings["shared-propagation", "mended"].status is Status.PASS


def test_a_command_that_starts_sshd_fails(engine: RealEngine) -> None:
    engine.run("violating", command=["sh", "-c", "sleep 1000; exec /usr/sbin/sshd -D"])
    engine.run("mended", command=["sh", "-c", "sleep 1000; exec /app/server"])
    findings = judge_engine(engine)
    assert findings["sshd-in-container", "violating"].status is Status.FAIL
    assert findings["sshd-in-container", "mended"].status is Status.PASS


def test_one_in_the_segments_of_a_container_in_the_hosts_fails(engine: RealEngine) -> None:
    engine.run("agent", ipc_mode="host")
    engine.run("shop", ipc_mode="shareable")
    engine.run("violating", ipc_mode="container:agent")
    engine.run("mended", ipc_mode="container:shop")
    findings = judge_engine(engine)
    assert findings["host-ipc-or-uts", "violating"].status is Status.FAIL
    assert findings["host-ipc-or-uts", "mended"].status is Status.PASS


def test_an_engines_own_cgroup_parent_is_no_containers_choice(engine: RealEngine) -> None:
    """The harness starts every engine with --cgroup-parent."""
    engine.run("mended")
    assert judge_engine(engine)["foreign-cgroup", "mended"].evidence == {"HostConfig.CgroupParent": ""}
