from __future__ import annotations

import pytest

from tests.builders import host


@pytest.mark.parametrize("options", [None, (), ("name=seccompany",), ("seccomp",)])
def test_an_option_that_is_not_there_is_none(options: tuple[str, ...] | None) -> None:
    assert host(security_options=options).security_option("seccomp") is None


@pytest.mark.parametrize(
    ("entry", "rest"),
    [("name=seccomp,profile=default", "profile=default"), ("name=seccomp", ""), ("name=seccomp,a=b,c=d", "a=b,c=d")],
)
def test_an_option_is_what_follows_its_name(entry: str, rest: str) -> None:
    assert host(security_options=("name=apparmor", entry)).security_option("seccomp") == rest
