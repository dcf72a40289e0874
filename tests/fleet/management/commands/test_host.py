"""`./loadline host`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from fleet.management.commands import host as host_command
from fleet.models import Host
from fleet.transport import Diagnosis, Outcome, Step, StepName
from tests.builders import NOW, container
from tests.fleet.registration.pem import folder, material
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
HEADER = "name,url,environment,team\n"


def _run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("host", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def _fails(*arguments: str) -> tuple[str, str]:
    """Of a run that must end with 1."""
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ending:
        call_command("host", *arguments, stdout=out, stderr=err)
    assert ending.value.code == 1
    return out.getvalue(), err.getvalue()


def test_add_registers_with_all_options(tmp_path: Path) -> None:
    tls = folder(tmp_path / "tls", material())
    out, _ = _run(
        "add", "prod-01", "tcp://10.0.0.1:2376", "--environment", "staging", "--team", "web", "--tls-dir", str(tls)
    )
    host = Host.objects.get()
    assert (host.environment.slug, host.team, host.has_credentials) == ("staging", "web", True)
    assert "Registered prod-01 (tcp://10.0.0.1:2376) in staging." in out


def test_add_without_an_environment_says_production() -> None:
    out, _ = _run("add", "a", "tcp://127.0.0.1:1")
    assert "in production" in out


def test_add_warns_of_plain_tcp_on_standard_error() -> None:
    out, err = _run("add", "a", "tcp://10.0.0.1:2375")
    assert "not encrypted" in err
    assert "not encrypted" not in out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("a", "ftp://x"), "starts with none of"),
        (("a b", "tcp://127.0.0.1:1"), "may hold letters"),
        (("a", "tcp://127.0.0.1:1", "--environment", "prod"), "there are production"),
        (("a", "tcp://127.0.0.1:1", "--tls-dir", "/nonexistent"), "is not a folder"),
        (("a", "tcp://127.0.0.1:1", "--engine", "lxc"), "invalid choice"),
    ],
)
def test_add_refuses_with_a_sentence(arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        _run("add", *arguments)
    assert not Host.objects.exists()


def test_import_reports_each_bad_row_and_ends_with_1(tmp_path: Path) -> None:
    path = tmp_path / "hosts.csv"
    path.write_text(HEADER + "a,tcp://127.0.0.1:1,,\nb c,tcp://127.0.0.1:2,,\nd,tcp://127.0.0.1:3,prod,\n")
    out, err = _fails("import", str(path))
    assert out.strip() == "1 added, 0 updated, 0 unchanged, 2 rejected"
    assert err.splitlines()[0].startswith("line 3: name: ")
    assert err.splitlines()[1].startswith("line 4: environment: ")
    assert Host.objects.get().name == "a"


def test_import_of_good_rows_ends_well_and_finds_keys_beside_the_file(tmp_path: Path) -> None:
    folder(tmp_path / "keys", material())
    path = tmp_path / "hosts.csv"
    path.write_text("name,url,environment,team,tls_dir\na,tcp://10.0.0.1:2376,test,web,keys\n")
    out, err = _run("import", str(path))
    assert out.strip() == "1 added, 0 updated, 0 unchanged, 0 rejected"
    assert err == ""
    assert Host.objects.get().has_credentials


def test_import_with_dry_run_changes_nothing_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "hosts.csv"
    path.write_text(HEADER + "a,tcp://127.0.0.1:1,,\n")
    out, _ = _run("import", str(path), "--dry-run")
    assert "1 added" in out
    assert "nothing was changed" in out
    assert not Host.objects.exists()


@pytest.mark.parametrize(("content", "why"), [(None, "cannot be read"), ("name;url;environment;team\n", "semicolons")])
def test_import_of_no_such_file_is_an_error(content: str | None, why: str, tmp_path: Path) -> None:
    path = tmp_path / "hosts.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError, match=why):
        _run("import", str(path))


def test_list_names_every_host_with_its_verdict() -> None:
    swept(host_row("a", team="web"), container())
    host_row("b", simulated=True)
    out, _ = _run("list")
    first, second = out.splitlines()
    assert "a  tcp://a.internal:2376  production, web  answered 2026-11-24T12:00:00Z" in first
    assert "b (simulated)" in second
    assert "not swept yet" in second


def test_list_as_json_holds_no_credential() -> None:
    host = host_row("a")
    tls = material()
    host.set_credentials(ca=tls.ca, certificate=tls.certificate, key=tls.key)
    host.save()
    out, _ = _run("list", "--json")
    (listed,) = json.loads(out)
    assert (listed["name"], listed["environment"], listed["verdict"]) == ("a", "production", "unknown")
    assert "BEGIN" not in out
    assert "sealed" not in out


def test_list_of_nothing_says_what_to_do() -> None:
    assert "./loadline host add" in _run("list")[0]
    assert json.loads(_run("list", "--json")[0]) == []


def _diagnosis(outcome: Outcome) -> Diagnosis:
    return Diagnosis((Step(StepName.CONNECTION, outcome, "How it went."),))


def test_test_prints_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    host_row("a")
    monkeypatch.setattr(host_command, "try_host", lambda _host: _diagnosis(Outcome.OK))
    assert _run("test", "a")[0].split() == ["ok", "connection", "How", "it", "went."]


def test_test_of_a_host_that_fails_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    host_row("a")
    monkeypatch.setattr(host_command, "try_host", lambda _host: _diagnosis(Outcome.FAILED))
    assert _fails("test", "a")[0].startswith("failed")


@pytest.mark.parametrize("action", ["test", "remove"])
def test_an_unknown_host_is_answered_with_the_nearest_one(action: str) -> None:
    host_row("prod-01")
    with pytest.raises(CommandError, match="did you mean prod-01"):
        _run(action, "prod-1")


def test_remove_takes_the_host_away() -> None:
    swept(host_row("a"), container())
    out, _ = _run("remove", "a", "--yes")
    assert "Removed a" in out
    assert not Host.objects.exists()


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("no", 1), ("", 1)])
def test_remove_asks_on_a_terminal(answer: str, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    host_row("a")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    if left:
        with pytest.raises(CommandError, match="Nothing was removed"):
            _run("remove", "a")
    else:
        _run("remove", "a")
    assert Host.objects.count() == left


def test_remove_of_the_simulated_fleet_leaves_real_hosts() -> None:
    host_row("real")
    host_row("toy", simulated=True)
    assert "Removed 1 simulated" in _run("remove", "--simulated", "--yes")[0]
    assert Host.objects.get().name == "real"


@pytest.mark.parametrize("arguments", [(), ("a", "--simulated")])
def test_remove_wants_either_a_name_or_all_simulated_ones(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="Name one host, or say --simulated"):
        _run("remove", *arguments)
