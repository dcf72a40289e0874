"""The main job as a script would do it: commands, HTTP and signals against a real engine."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.site import Visitor
from tests.engines.harness import RealEngine
from tests.fleet.transport import hostile
from tests.installations import STOP_SECONDS, Installation, until

pytestmark = [pytest.mark.engine, pytest.mark.broker, pytest.mark.slow]

BROKEN = {
    "hangs": hostile.hang,
    "drips": hostile.drip_body,
    "html": hostile.html,
    "resets": hostile.reset,
    "floods": hostile.huge,
    "stops": hostile.half,
}
COLUMNS = {"name", "ok", "error", "seconds", "containers", "changed"}


@pytest.fixture
def known_one(engine: RealEngine) -> RealEngine:
    engine.run("known-one")
    return engine


@pytest.fixture(params=[pytest.param(False, id="empty")])
def installation(tmp_path: Path, known_one: RealEngine, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """Of which nothing is there yet, unless a test says `migrated`."""
    made = Installation(tmp_path, migrated=request.param, DOCKER_HOST=known_one.url)
    yield made
    made.clear()


def test_a_container_of_this_machine_comes_to_the_api_and_sigterm_ends_it_all(installation: Installation) -> None:
    installation.up("--no-demo")
    installation.ready()
    made = installation.run("token", "create", "x", "--role", "viewer")
    token = made.stdout.strip()
    assert (made.returncode, len(made.stdout.splitlines())) == (0, 1)
    site = Visitor(f"http://127.0.0.1:{installation.port}")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        site.get("/api/v1/containers")

    def names() -> list[str]:
        return [one["name"] for one in json.loads(site.get("/api/v1/containers", token=token))["items"]]

    until(lambda: names() == ["known-one"], seconds=20)
    assert [host["simulated"] for host in json.loads(site.get("/api/v1/hosts", token=token))["items"]] == [False]
    assert installation.stop() < STOP_SECONDS
    assert installation.processes() == []


@pytest.mark.parametrize("installation", [True], indirect=True, ids=["migrated"])
def test_six_broken_engines_get_a_reason_each_while_the_good_one_is_swept(
    installation: Installation, known_one: RealEngine, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        urls = {name: stack.enter_context(hostile.hostile_peer(behaviour)) for name, behaviour in BROKEN.items()}
        _import(installation, tmp_path / "hosts.csv", {"good": known_one.url, **urls})
        done = installation.run("sweep", "--json")
    assert done.returncode == 1
    swept: dict[str, dict[str, Any]] = {one["name"]: one for one in json.loads(done.stdout)["hosts"]}
    assert all(set(one) == COLUMNS for one in swept.values())
    assert swept["good"] | {"seconds": 0, "changed": 0} == {
        "name": "good", "ok": True, "error": None, "seconds": 0, "containers": 1, "changed": 0,
    }  # fmt: skip
    assert {name for name, one in swept.items() if one["ok"]} == {"good"}
    reasons = [swept[name]["error"] for name in BROKEN]
    assert all(urls[name] in reason for name, reason in zip(BROKEN, reasons, strict=True))
    again = installation.run("sweep", "good", "--json")
    assert (again.returncode, json.loads(again.stdout)["hosts"][0]["changed"]) == (0, 0)


def _import(installation: Installation, file: Path, urls: dict[str, str]) -> None:
    good = [f"{name},{url},production,shop" for name, url in urls.items()]
    bad = ["nowhere,gopher://x,production,", "good,tcp://10.0.0.1:2375,production,", "short,tcp://10.0.0.2:2375"]
    file.write_text("\n".join(["name,url,environment,team", *good, *bad]) + "\n")
    dry = installation.run("host", "import", str(file), "--dry-run")
    assert json.loads(installation.run("host", "list", "--json").stdout) == []
    done = installation.run("host", "import", str(file))
    first_bad = len(good) + 2
    for output in (dry.stderr, done.stderr):
        assert [f"line {number}:" in output for number in range(first_bad, first_bad + 3)] == [True] * 3
    listed = json.loads(installation.run("host", "list", "--json").stdout)
    assert {one["name"] for one in listed} == set(urls)
