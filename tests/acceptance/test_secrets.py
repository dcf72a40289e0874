"""No secret of a container, an engine or a credential is kept: all that Loadline writes and says is searched."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.acceptance.planted import Planted, daemon_options, plant, told_by
from tests.acceptance.site import Visitor
from tests.engines import certificates
from tests.engines.harness import RealEngine
from tests.installations import Installation, until

pytestmark = [pytest.mark.engine, pytest.mark.broker, pytest.mark.slow]

COMMANDS = (
    ("sweep", "--json"),
    ("sweep",),
    ("findings", "--json"),
    ("findings",),
    ("host", "list", "--json"),
    ("host", "list"),
    ("host", "test", "sealed"),
)
METRICS_TOKEN = "metrics-token-of-the-test"


@dataclass(frozen=True)
class Run:
    """What one installation kept and said about an engine full of secrets."""

    planted: Planted
    told: str
    kept: dict[str, bytes]
    api: dict[str, bytes]
    pages: dict[str, bytes]
    said: dict[str, bytes]

    def places(self, part: dict[str, bytes]) -> dict[str, set[str]]:
        found = {where: self.planted.found_in(text) for where, text in part.items()}
        return {where: places for where, places in found.items() if places}

    def secrets(self, part: dict[str, bytes]) -> dict[str, set[str]]:
        only = {where: places - set(self.planted.harmless) for where, places in self.places(part).items()}
        return {where: places for where, places in only.items() if places}

    def signs(self, part: dict[str, bytes]) -> set[str]:
        return {place for places in self.places(part).values() for place in places} & set(self.planted.harmless)


@pytest.fixture(scope="module")
def run(engines_possible: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder, planted = tmp_path_factory.mktemp("secrets"), Planted()
    with RealEngine("planted", arguments=daemon_options(planted)) as engine:
        plant(engine, planted)
        installation = Installation(
            folder, migrated=True, DOCKER_HOST=engine.url, LOG_LEVEL="DEBUG", LOADLINE_METRICS_TOKEN=METRICS_TOKEN
        )
        try:
            yield _walk(installation, folder, planted, told_by(engine))
        finally:
            installation.clear()


def _walk(installation: Installation, folder: Path, planted: Planted, told: str) -> Run:
    said = {"host add": _register_with_key(installation, folder, planted)}
    installation.up("--no-demo")
    installation.ready()
    site = Visitor(f"http://127.0.0.1:{installation.port}")
    token = installation.run("token", "create", "reader", "--role", "admin").stdout.split()[-1]
    until(lambda: len(json.loads(site.get("/api/v1/containers", token=token))["items"]) == 4)
    said |= {" ".join(words): _output(installation, *words) for words in COMMANDS}
    paths = json.loads(site.get("/api/v1/openapi.json", token=token))["paths"]
    # Questions are of a service and of a host; everything else is asked as it is.
    until(lambda: json.loads(site.get("/api/v1/services", token=token))["items"])
    service = json.loads(site.get("/api/v1/services", token=token))["items"][0]["name"]
    host = json.loads(site.get("/api/v1/hosts", token=token))["items"][0]["name"]
    asked = {"/api/v1/reach": f"?from=outside&to=service:{quote(service)}", "/api/v1/what-if": f"?host={quote(host)}"}
    lists = [path + asked.get(path, "") for path, methods in paths.items() if "get" in methods and "{" not in path]
    api = {path: b"\n".join(site.every_part(path, token=token)) for path in lists}
    api |= {path: site.get(path, token=token) for path in ("/api/v1/hosts/sealed", "/api/v1/openapi.json")}
    api["/metrics"] = site.get("/metrics", token=METRICS_TOKEN)
    password = re.search(r"admin / (\S+)", installation.output.read_text())
    assert password is not None
    site.sign_in(password[1])
    pages = site.every_page("/", "/admin/", "/search/?q=a", "/hosts/add/", "/hosts/import/", "/style/")
    assert installation.stop() < 15
    said["up"] = installation.output.read_bytes()
    return Run(planted, told, _kept(Path(installation.environment["LOADLINE_DATA"])), api, pages, said)


def _register_with_key(installation: Installation, folder: Path, planted: Planted) -> bytes:
    sides = certificates.issue(folder / "tls", addresses=("127.0.0.1",))
    key = (sides.client / "key.pem").read_text().splitlines()
    planted.words["credentials"] = key[1]  # the first line of the key itself
    options = ("--tls-dir", str(sides.client), "--environment", "staging")
    return _output(installation, "host", "add", "sealed", "tcp://127.0.0.1:9", *options)


def _output(installation: Installation, *words: str) -> bytes:
    done = installation.run(*words)
    assert "Traceback" not in done.stderr
    return (done.stdout + done.stderr).encode()


def _kept(folder: Path) -> dict[str, bytes]:
    """Every file byte for byte, and the database as text besides, whatever its pages look like."""
    kept = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with closing(sqlite3.connect(folder / "loadline.sqlite3")) as database:
        kept["dump of the database"] = "\n".join(database.iterdump()).encode()
    return kept


def test_the_engine_itself_tells_every_secret(run: Run) -> None:
    assert run.planted.found_in(run.told) == {*run.planted.words, *run.planted.harmless} - {"credentials"}


def test_neither_the_database_nor_a_log_nor_any_other_file_keeps_a_secret(run: Run) -> None:
    assert run.secrets(run.kept) == {}
    assert run.signs(run.kept) == set(run.planted.harmless)
    logs = [name for name in run.kept if name.endswith(".log")]
    assert {"log/web.log", "log/worker.log"} <= set(logs)


def test_no_list_of_the_api_tells_a_secret(run: Run) -> None:
    assert run.secrets(run.api) == {}
    assert run.signs(run.api) >= {"container name", "network name"}
    for kind in ("containers", "images", "networks", "volumes", "hosts", "findings"):
        assert json.loads(run.api[f"/api/v1/{kind}"].splitlines()[0])["items"], kind


def test_no_page_shows_a_secret(run: Run) -> None:
    assert run.secrets(run.pages) == {}
    assert run.signs(run.pages) >= {"container name"}
    seen = {path.split("?")[0] for path in run.pages}
    assert {"/containers/", "/hosts/", "/hosts/sealed/edit/", "/hardening/", "/rules/", "/admin/"} <= seen
    assert any(re.fullmatch(r"/containers/\d+/", path) for path in seen)


def test_no_command_prints_a_secret(run: Run) -> None:
    assert run.secrets(run.said) == {}
    assert run.signs(run.said) >= {"container name"}
