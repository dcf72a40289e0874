"""Rules about a host's engine and its swarm, on two engines of their own: one left as it came, one made strict."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.readiness.findings import Finding
from fleet.readiness.vocabulary import Severity, Status
from tests.engines.authorization_plugin import AuthorizationPlugin
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import FOREVER, RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.judging import judge_engine
from tests.engines.swarm_root import renew_root

pytestmark = pytest.mark.engine

AUTOLOCK = "swarm-autolock-off"
CERTIFICATES = "swarm-certificates"
IDLE = "idle-swarm"
SWARM = (AUTOLOCK, CERTIFICATES, IDLE)
HOST = ("no-security-module", "no-user-namespaces", "no-authorization-plugin")


class StrictEngine(RealEngine):
    """Maps its containers' users, asks an authorization plugin, sets ulimits, and takes its kernel for one with
    AppArmor, because the files that it looks at are there."""

    def __init__(self, folder: Path) -> None:
        files = {
            "security/apparmor/profiles": "docker-default (enforce)\n",
            "module/apparmor/parameters/enabled": "Y\n",
            "programs/apparmor_parser": "#!/bin/sh\necho AppArmor parser version 3.0.8\n",
        }
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True)
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        ranges = "nobody:100000:65536\nnogroup:100000:65536\n"
        super().__init__(
            "strict",
            arguments=(
                *("--userns-remap", "nobody:nogroup", "--no-new-privileges", "--authorization-plugin", "askme"),
                *("--default-ulimit", "nofile=1024:2048"),
            ),
            binds={
                "/etc/subuid": ranges,
                "/etc/subgid": ranges,
                "/sys/kernel/security": folder / "security",
                "/sys/module": folder / "module",
            },
            environment={"PATH": f"{folder}/programs:{os.environ['PATH']}"},
        )
        self.plugin: AuthorizationPlugin | None = None

    def _make_folder(self) -> None:
        super()._make_folder()
        self.folder.chmod(0o711)  # the mapped root has to pass through
        self.plugin = AuthorizationPlugin(self.plugins / "askme.sock").__enter__()

    def kill(self) -> None:
        super().kill()
        if self.plugin:
            self.plugin.__exit__()
            self.plugin = None


@pytest.fixture
def strict(engines_possible: None, tmp_path: Path) -> Iterator[RealEngine]:
    with StrictEngine(tmp_path) as engine:
        engine.import_image()
        yield engine


@pytest.fixture(scope="module")
def plain(engines_possible: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEngine]:
    """Without AppArmor, also where the machine has it; in no swarm before the first test that makes one."""
    with RealEngine("plain", binds={"/sys/kernel/security": tmp_path_factory.mktemp("nothing")}) as engine:
        engine.import_image()
        yield engine


def of_host(engine: RealEngine, now: datetime | None = None) -> dict[str, Finding]:
    return {slug: finding for (slug, name), finding in judge_engine(engine, now).items() if name == engine.name}


def test_an_engine_as_it_came_fails_what_a_strict_one_passes(plain: RealEngine, strict: RealEngine) -> None:
    for name, flags in {
        "mapped": (),
        "bypassed": ("--userns", "host"),
        "unconfined": ("--security-opt", "apparmor=unconfined"),
        "never-started": (),
    }.items():
        strict.docker("create", "--name", name, *flags, BUSYBOX, *FOREVER)
    # The engine names the profile as it starts a container, and a kernel without AppArmor then refuses.
    strict.docker("start", "mapped", check=False)
    loose, tight = of_host(plain), of_host(strict)
    assert {slug: loose[slug].status for slug in HOST} == dict.fromkeys(HOST, Status.FAIL)
    assert {slug: tight[slug].status for slug in HOST} == dict.fromkeys(HOST, Status.PASS)
    assert tight["no-authorization-plugin"].evidence == {"Plugins.Authorization": ["askme"]}

    found = judge_engine(strict)
    bypassed = found["user-namespace-bypassed", "bypassed"]
    assert (bypassed.status, bypassed.severity) == (Status.FAIL, Severity.MEDIUM)
    assert found["user-namespace-bypassed", "mapped"].status is Status.PASS
    assert found["no-ulimits", "mapped"].evidence == {"HostConfig.Ulimits": ["nofile"]}
    assert found["no-ulimits", "mapped"].status is Status.PASS
    unconfined = found["lsm-profile-disabled", "unconfined"]
    assert (unconfined.status, unconfined.severity, unconfined.cis) == (Status.FAIL, Severity.MEDIUM, ("5.2",))
    assert found["lsm-profile-disabled", "mapped"].evidence == {"AppArmorProfile": "docker-default"}
    assert found["lsm-profile-disabled", "mapped"].status is Status.PASS
    assert found["lsm-profile-disabled", "never-started"].status is Status.UNKNOWN
    if "name=no-new-privileges" in strict.client.info()["SecurityOptions"]:  # from 24 on
        assert found["new-privileges", "mapped"].status is Status.PASS


def test_a_swarm_of_one_is_judged_as_it_is_set(plain: RealEngine, tmp_path: Path) -> None:
    outside = of_host(plain)
    assert {slug: outside[slug].status for slug in SWARM} == dict.fromkeys(SWARM, Status.NOT_APPLICABLE)

    plain.client.swarm.init(advertise_addr="127.0.0.1")
    made = of_host(plain)
    assert (made[AUTOLOCK].status, made[IDLE].status) == (Status.FAIL, Status.FAIL)
    assert made[CERTIFICATES].status is Status.PASS

    plain.docker("swarm", "update", "--autolock", "--cert-expiry", "4000h")
    plain.docker("service", "create", "--detach", "--name", "web", BUSYBOX, *FOREVER)
    used = of_host(plain)
    assert (used[AUTOLOCK].status, used[IDLE].status) == (Status.PASS, Status.PASS)
    assert (used[CERTIFICATES].status, used[CERTIFICATES].cis) == (Status.FAIL, ("7.7",))

    plain.docker("swarm", "update", "--cert-expiry", "720h")
    assert of_host(plain)[CERTIFICATES].status is Status.PASS
    # The engine refuses a root that ends within a year, so one has to grow old.
    renew_root(plain, tmp_path, lasting=timedelta(days=370))
    assert of_host(plain)[CERTIFICATES].status is Status.PASS
    aged = of_host(plain, datetime.now(UTC) + timedelta(days=30))[CERTIFICATES]
    assert (aged.status, aged.cis) == (Status.FAIL, ("7.8",))


def test_a_worker_tells_nothing_of_its_swarm_but_that_it_has_a_manager(three_engines: ThreeEngines) -> None:
    worker, manager = of_host(three_engines.worker), of_host(three_engines.manager)
    assert {slug: worker[slug].status for slug in (AUTOLOCK, CERTIFICATES)} == {
        AUTOLOCK: Status.NOT_APPLICABLE,
        CERTIFICATES: Status.NOT_APPLICABLE,
    }
    assert (worker[IDLE].status, manager[IDLE].status) == (Status.PASS, Status.PASS)
