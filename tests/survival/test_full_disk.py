"""The disk of the embedded default fills up: nothing is half stored, pages and commands say why, and sweeps go on."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.simulation import synthetic
from tests.installations import until
from tests.requirements import require_or_skip
from tests.survival.engines import Engines, engines
from tests.survival.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.broker]
HOSTS, CONTAINERS = 2, 4


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(argv, capture_output=True, check=False).returncode:
        require_or_skip("a small file system cannot be mounted")
    try:
        yield folder
    finally:
        # Lazily: the last process that was killed may not be gone yet.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def fleet() -> Iterator[Engines]:
    with engines(synthetic(engines=HOSTS, containers=CONTAINERS)) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, fleet: Engines) -> Iterator[Site]:
    with small_disk(tmp_path / "data"):
        made = Site(tmp_path)
        made.register(fleet.hosts)
        made.up("--no-demo")
        try:
            made.ready()
            made.sign_in()
            until(lambda: all(made.answered().values()))
            yield made
        finally:
            made.clear()


def fill(path: Path) -> None:
    """To the last byte."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    assert shutil.disk_usage(path.parent).free == 0


def test_a_full_disk_is_said_stores_nothing_by_half_and_once_there_is_room_sweeps_go_on(
    site: Site, fleet: Engines
) -> None:
    privileged = "SELECT count(*) FROM fleet_container WHERE json_extract(facts, '$.privileged')"
    assert site.value(privileged) == 0
    before = site.rows("SELECT id, facts_hash FROM fleet_container ORDER BY id")
    filler = site.folder / "data" / "filler"
    fill(filler)
    fleet.privileged = True
    until(lambda: "The disk is full." in site.get("/").text)
    until(lambda: site.get("/readyz").json()["disk"] == "the disk that LOADLINE_DATA is on is full")
    swept = site.run("sweep")
    assert swept.returncode == 1
    assert "disk is full" in swept.stderr
    assert "Traceback" not in swept.stderr
    assert site.get("/containers/").status_code == 200
    refused = site.post("/hosts/sweep/", form="/hosts/")
    assert (refused.status_code, "The disk is full" in refused.text) == (503, True)
    assert site.rows("SELECT id, facts_hash FROM fleet_container ORDER BY id") == before
    assert site.value("PRAGMA quick_check") == "ok"
    filler.unlink()
    until(lambda: site.value(privileged) == HOSTS)
    until(lambda: "The disk is full." not in site.get("/").text)
    site.all_answer_anew()
    until(lambda: site.get("/readyz").json()["ready"])
    assert site.value("SELECT count(*) FROM fleet_container") == HOSTS * CONTAINERS
    assert list((site.folder / "data" / "queue").rglob("*.draft")) == []
