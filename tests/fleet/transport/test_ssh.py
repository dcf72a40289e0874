from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from pathlib import Path

import pytest

from fleet.transport import Endpoint, EngineClient, Limits, SshFailed, Timeout, TransportError
from fleet.transport.ssh import command
from tests.fleet.transport import hostile
from tests.fleet.transport.hostile import hostile_peer
from tests.requirements import require_or_skip

BRIEF = Limits(request_seconds=1.5, sweep_seconds=6, connect_seconds=1)

# What `docker system dial-stdio` does on the other side: standard input and output tied to the engine's socket.
_RELAY = """#!{python} -IS
import os, socket, sys, threading
open({log!r}, "a").write(repr((os.getpid(), sys.argv[1:], sorted(os.environ))) + chr(10))
engine = socket.socket(socket.AF_UNIX)
engine.connect({path!r})
def inwards():
    while data := os.read(0, 65536):
        engine.sendall(data)
    engine.shutdown(socket.SHUT_WR)
threading.Thread(target=inwards, daemon=True).start()
while data := engine.recv(65536):
    os.write(1, data)
"""


def _program(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (folder / "ssh").write_text(text)
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def _relay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    log = folder / "log"
    text = _RELAY.format(python=sys.executable, log=str(log), path=f"{folder}/s")
    _program(folder, monkeypatch, text)
    return log


def _alive(pid: int) -> bool:
    """A zombie counts as alive: it was not waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _gone(pid: int) -> bool:
    """Someone else's child: being a zombie is enough, and may take a moment."""
    state = Path(f"/proc/{pid}/stat")
    for _ in range(100):
        if not state.exists() or " Z " in state.read_text():
            return True
        time.sleep(0.01)
    return False


def test_an_engine_is_reached_through_one_ssh_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = _relay(tmp_path, monkeypatch)
    monkeypatch.setenv("SECRET_KEY", "not for ssh")
    with hostile_peer(hostile.engine, path=f"{tmp_path}/s"):
        with EngineClient(Endpoint("ssh://ops@node-1:2222"), limits=BRIEF) as client:
            assert client.negotiate() == "1.41"
            assert client.get("/containers/json") == []
        lines = log.read_text().splitlines()
    assert len(lines) == 1
    pid, arguments, environment = eval(lines[0])
    assert not _alive(pid)
    assert "SECRET_KEY" not in environment
    assert arguments[-3:] == ["--", "node-1", "docker system dial-stdio"]
    assert "BatchMode=yes" in arguments


def test_a_path_is_handed_to_docker_on_the_host() -> None:
    words = command(Endpoint("ssh://node-1/run/user/1000/docker.sock"), connect_seconds=5)
    assert words[-1] == "docker --host=unix:///run/user/1000/docker.sock system dial-stdio"
    assert "-l" not in words
    assert "-p" not in words


@pytest.mark.parametrize("behaviour", [hostile.drip_body, hostile.hang])
def test_limits_hold_through_ssh_and_the_program_ends(
    behaviour: hostile.Behaviour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _relay(tmp_path, monkeypatch)
    began = time.monotonic()
    with hostile_peer(behaviour, path=f"{tmp_path}/s"):
        with EngineClient(Endpoint("ssh://node-1"), limits=BRIEF) as client, pytest.raises(Timeout):
            client.get("/info")
        assert time.monotonic() - began < 4
    assert not _alive(eval(log.read_text().splitlines()[0])[0])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("ops@node-1: Permission denied (publickey).", "authorized_keys"),
        ("Host key verification failed.", "fingerprint"),
        ("ssh: Could not resolve hostname node-1: Name or service not known", "Correct the host's name"),
        ("ssh: connect to host node-1 port 22: Connection refused", "See that an ssh server runs"),
        ("ssh: connect to host node-1 port 22: Connection timed out", "firewall"),
        ("bash: line 1: docker: command not found", "Install the docker command"),
        ("permission denied while trying to connect to the Docker daemon socket", "group `docker`"),
        ("something new", "by hand"),
    ],
)
def test_what_ssh_complains_about_becomes_the_reason(
    said: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, monkeypatch, f"#!/bin/sh\necho 'Warning: noise' >&2\necho '{said}' >&2\nexit 255\n")
    with EngineClient(Endpoint("ssh://ops@node-1"), limits=BRIEF) as client, pytest.raises(SshFailed) as caught:
        client.get("/info")
    assert words in str(caught.value)
    assert said.rstrip(".") in str(caught.value)
    assert "ssh://ops@node-1" in str(caught.value)


def test_an_ssh_that_ignores_farewells_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = tmp_path / "pids"
    _program(
        tmp_path, monkeypatch, f"#!/bin/sh\ntrap '' TERM\nsleep 60 &\necho $$ $! > {pids}\nwhile :; do sleep 60; done\n"
    )
    limits = Limits(request_seconds=0.3, sweep_seconds=2)
    with EngineClient(Endpoint("ssh://node-1"), limits=limits) as client, pytest.raises(Timeout):
        client.get("/info")
    leader, child = map(int, pids.read_text().split())
    assert not _alive(leader)
    assert _gone(child)


def test_a_machine_without_ssh_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with EngineClient(Endpoint("ssh://node-1")) as client, pytest.raises(SshFailed, match="Install an OpenSSH client"):
        client.get("/info")


def test_programs_leave_no_open_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, monkeypatch, "#!/bin/sh\nexit 255\n")
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(10):
        with EngineClient(Endpoint("ssh://node-1")) as client, pytest.raises(TransportError):
            client.get("/info")
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_the_real_ssh_program_is_understood() -> None:
    if shutil.which("ssh") is None:
        require_or_skip("there is no ssh program on this machine")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"ssh://ops@127.0.0.1:{port}"
    limits = Limits(request_seconds=8, connect_seconds=4)
    with EngineClient(Endpoint(url), limits=limits) as client, pytest.raises(SshFailed, match="See that an ssh server"):
        client.get("/info")
