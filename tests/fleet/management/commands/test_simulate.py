from __future__ import annotations

import csv
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from fleet.simulation import demo_company

ROOT = Path(__file__).parents[4]


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "manage.py"), "simulate", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.fixture
def base_port() -> int:
    """The first of twenty free ports, below those that outgoing connections are given (from 32768 on Linux)."""
    for base in range(20_000 + os.getpid() % 500 * 20, 32_000, 20):
        if all(_free(base + offset) for offset in range(20)):
            return base
    raise RuntimeError("no twenty ports are free")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture
def company(base_port: int) -> Iterator[subprocess.Popen[str]]:
    process = start("--company", "--base-port", str(base_port))
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_company_runs_where_the_plan_says_until_told_to_stop(
    company: subprocess.Popen[str], base_port: int, number: signal.Signals
) -> None:
    planned = demo_company().hosts
    assert company.stdout is not None
    lines = [company.stdout.readline().strip() for _ in planned]
    assert lines == [f"{host.name} {host.url(base_port)}" for host in planned]
    assert requests.get(f"http://127.0.0.1:{base_port}/_ping", timeout=5).text == "OK"
    started = time.monotonic()
    company.send_signal(number)
    output, errors = company.communicate(timeout=10)
    assert (company.returncode, errors) == (0, "")
    assert re.fullmatch(r"Answered 1 requests with \d+\.\d s of processor time, .* \d+ MiB at most\.\n", output)
    assert time.monotonic() - started < 5


def test_whoever_read_the_list_may_go_before_the_end(base_port: int) -> None:
    process = start("--engines", "1", "--containers", "1", "--base-port", str(base_port))
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    process.terminate()
    assert (process.wait(timeout=10), process.stderr.read()) == (0, "")
    process.stderr.close()


def test_a_file_for_host_import_is_written(tmp_path: Path, base_port: int) -> None:
    file = tmp_path / "hosts.csv"
    process = start("--engines", "2", "--containers", "1", "--base-port", str(base_port), "--csv", str(file))
    assert process.stdout is not None
    assert process.stdout.readline() == f"2 engines answer; their list is in {file}\n"
    process.terminate()
    process.communicate(timeout=10)
    with file.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert rows[1] == {"name": "sim-0002", "url": f"tcp://127.0.0.1:{base_port + 1}", "environment": "production",
                       "team": "discovery"}  # fmt: skip


def test_a_taken_port_is_refused_in_a_sentence_that_names_it_and_the_option(base_port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base_port + 3))
        taken.listen()
        process = start("--base-port", str(base_port))
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"port {base_port + 3} on 127.0.0.1" in errors
    assert "--base-port" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "hang"], "hang is not KIND=SHARE, such as hang=0.05"),
        (["--fault", "hang=lots"], "hang=lots is not KIND=SHARE"),
        (["--fault", "hang=%"], "hang=% is not KIND=SHARE"),
        (["--fault", "hang=150%"], "the share of hang is 1.5"),
        (["--churn", "much"], "much is not a number of per cent"),
        (["--churn", "101"], "101 % of the containers cannot change"),
        (["--churn", "1", "--churn-seconds", "0"], "0 seconds are no interval"),
        (["--control-port", "99999"], "port 99999 on 127.0.0.1, which control would use, is taken"),
        (["--fault", "sulk=0.1"], "no fault is called sulk"),
        (["--engines", "0"], "0 is not a whole number above zero"),
        (["--base-port", "65530"], "10 engines need ports up to 65539"),
        (["--base-port", "0"], "they must lie between 1 and 65535"),
    ],
)
def test_nonsense_is_refused_before_anything_listens(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said.replace("+", r"\+")):
        call_command("simulate", *arguments)


def test_a_share_may_be_said_in_per_cent(base_port: int) -> None:
    process = start("--engines", "4", "--containers", "1", "--fault", "garbage=50%", "--base-port", str(base_port))
    assert process.stdout is not None
    urls = [process.stdout.readline().split()[1].replace("tcp://", "http://") for _ in range(4)]
    kinds = [requests.get(f"{url}/_ping", timeout=5).headers["Content-Type"].partition(";")[0] for url in urls]
    process.terminate()
    process.communicate(timeout=10)
    assert sorted(kinds) == ["text/html", "text/html", "text/plain", "text/plain"]


def test_a_benchmark_makes_a_change_and_reads_what_the_simulation_costs(base_port: int) -> None:
    port = base_port + 19
    process = start("--engines", "2", "--containers", "1", "--churn", "1", "--base-port", str(base_port),
                    "--control-port", str(port))  # fmt: skip
    assert process.stdout is not None
    hosts = [process.stdout.readline().split() for _ in range(2)]
    made = requests.post(f"http://127.0.0.1:{port}/change", params={"engine": hosts[1][0]}, timeout=5).json()
    listed = requests.get(f"http://127.0.0.1:{base_port + 1}/containers/json", timeout=5).json()
    usage = requests.get(f"http://127.0.0.1:{port}/usage", timeout=5).json()
    process.terminate()
    process.communicate(timeout=10)
    assert [(one["Id"], one["Names"]) for one in listed] == [(made["id"], [f"/{made['container']}"])]
    assert usage["requests"] == 1
    assert usage["seconds"] > 0


@pytest.mark.django_db
def test_removing_forgets_simulated_hosts_and_no_others(capsys: pytest.CaptureFixture[str]) -> None:
    from django.utils import timezone

    from fleet.models import Host
    from fleet.registration import Entry, register_simulated

    names = ("made-up-1", "made-up-2")
    entries = [Entry(name=n, url=f"tcp://127.0.0.1:{21000 + i}", environment="test") for i, n in enumerate(names)]
    register_simulated(entries, now=timezone.now())
    kept = Host.objects.get(name="made-up-1")
    Host.objects.filter(pk=kept.pk).update(simulated=False)
    call_command("simulate", "--remove")
    assert capsys.readouterr().out == "Removed 1 simulated host.\n"
    assert [host.name for host in Host.objects.all()] == ["made-up-1"]
