"""The script at the root, on machines that lack something: a stand-in Python answers for each."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Answers what the script asks of a Python, and notes what it was told to do.
STAND_IN = """#!/bin/sh
case "$*" in
    -V) echo "Python {version}" ;;
    *version_info\\ \\<*) exit {too_old} ;;
    *ensurepip*) exit {bare} ;;
    *version_info*) echo python3.11 ;;
    *"-m venv"*)
        for folder; do :; done
        mkdir -p "$folder/bin"
        cp "$0" "$folder/bin/python"
        echo "venv" >>"{notes}" ;;
    *"-m pip"*)
        echo "pip" >>"{notes}"
        sleep {seconds}
        exit {pip} ;;
    *) echo "ran: $*" ;;
esac
"""


class Clone:
    """A copy of the script with its requirements, and a PATH that holds one stand-in Python."""

    def __init__(self, folder: Path) -> None:
        self.root, self.path, self.notes = folder / "clone", folder / "bin", folder / "notes"
        self.root.mkdir()
        self.path.mkdir()
        for name in ("loadline", "requirements.txt", "requirements-dev.txt", "constraints.txt"):
            shutil.copy(ROOT / name, self.root)
        for tool in ("sh", "dirname", "readlink", "cat", "cksum", "mkdir", "cp", "rm", "sleep"):
            (self.path / tool).symlink_to(str(shutil.which(tool)))

    def python(
        self, name: str = "python3", *, too_old: int = 0, bare: int = 0, pip: int = 0, seconds: float = 0
    ) -> None:
        text = STAND_IN.format(
            version="3.9.2" if too_old else "3.11.7",
            too_old=too_old,
            bare=bare,
            pip=pip,
            seconds=seconds,
            notes=self.notes,
        )
        (self.path / name).write_text(text)
        (self.path / name).chmod(0o755)

    def run(self, *arguments: str, script: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script or self.root / "loadline", *arguments],
            env={"PATH": str(self.path)},
            cwd=self.path,
            capture_output=True,
            text=True,
            check=False,
        )

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.root / "loadline", *arguments],
            env={"PATH": str(self.path)},
            cwd=self.path,
            stdout=-1,
            stderr=-1,
            text=True,
        )

    def done(self) -> list[str]:
        return self.notes.read_text().split() if self.notes.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_a_machine_without_python_is_told_so(clone: Clone) -> None:
    result = clone.run("up")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("loadline: needs Python 3.11 or newer and found none;")


def test_an_old_python_is_named(clone: Clone) -> None:
    clone.python(too_old=1)
    result = clone.run("up")
    assert result.returncode == 1
    assert "needs Python 3.11 or newer and found Python 3.9.2" in result.stderr


def test_a_stand_in_of_a_version_manager_is_passed_over(clone: Clone) -> None:
    (clone.path / "python3.13").write_text("#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n")
    (clone.path / "python3.13").chmod(0o755)
    clone.python()
    assert clone.run("up").returncode == 0


def test_a_python_without_its_venv_module_is_told_what_to_install(clone: Clone) -> None:
    clone.python(bare=1)
    result = clone.run("up")
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
    assert "python3.11 has no venv module; on Debian or Ubuntu: apt install python3.11-venv" in result.stderr


def test_the_first_call_installs_and_the_next_does_not(clone: Clone) -> None:
    clone.python()
    first = clone.run("host", "list")
    assert first.stdout == f"ran: {clone.root}/manage.py host list\n"
    assert clone.done() == ["venv", "pip"]
    second = clone.run("host", "list", "--json")
    assert (second.stdout, second.stderr) == (f"ran: {clone.root}/manage.py host list --json\n", "")
    assert clone.done() == ["venv", "pip"]


def test_a_changed_requirement_is_installed_into_the_same_environment(clone: Clone) -> None:
    clone.python()
    clone.run("up")
    with (clone.root / "requirements.txt").open("a") as file:
        file.write("something==1\n")
    clone.run("up")
    assert clone.done() == ["venv", "pip", "pip"]


def test_testing_installs_what_tests_need_as_well(clone: Clone) -> None:
    clone.python()
    clone.run("up")
    result = clone.run("test", "-k", "one")
    assert result.stdout == f"ran: {clone.root}/manage.py test -k one\n"
    assert clone.done() == ["venv", "pip", "pip"]
    clone.run("test")
    clone.run("up")
    assert clone.done() == ["venv", "pip", "pip"]


def test_an_install_that_failed_is_done_again_from_the_start(clone: Clone) -> None:
    clone.python(pip=1)
    assert clone.run("up").returncode == 1
    shutil.rmtree(clone.root / ".venv" / "bin")
    clone.python()
    assert clone.run("up").returncode == 0
    assert clone.done() == ["venv", "pip", "venv", "pip"]


def test_an_install_that_was_interrupted_is_done_again_from_the_start(clone: Clone) -> None:
    clone.python()
    clone.run("up")
    (clone.root / ".venv" / "installed").unlink()
    (clone.root / ".venv" / "unfinished").touch()
    clone.run("up")
    assert clone.done() == ["venv", "pip", "venv", "pip"]


def test_a_link_from_elsewhere_finds_its_clone(clone: Clone, tmp_path: Path) -> None:
    clone.python()
    (tmp_path / "link").symlink_to(os.path.relpath(clone.root / "loadline", tmp_path))
    assert clone.run("up", script=tmp_path / "link").stdout == f"ran: {clone.root}/manage.py up\n"


def test_two_that_begin_together_make_one_environment(clone: Clone) -> None:
    clone.python(seconds=1)
    both = [clone.begin("up"), clone.begin("sweep")]
    said = [one.communicate(timeout=30) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert clone.done() == ["venv", "pip"]
    assert sum("waiting for another loadline" in errors for _, errors in said) == 1


def test_what_a_killed_one_left_is_taken_over(clone: Clone) -> None:
    clone.python()
    dead = subprocess.Popen(["true"])
    dead.wait()
    (clone.root / ".venv.making").mkdir()
    (clone.root / ".venv.making" / "pid").write_text(f"{dead.pid}\n")
    assert clone.run("up").returncode == 0
    assert not (clone.root / ".venv.making").exists()


def test_one_that_fails_leaves_the_way_free(clone: Clone) -> None:
    clone.python(pip=1)
    assert clone.run("up").returncode == 1
    assert not (clone.root / ".venv.making").exists()
