from __future__ import annotations

import re

from fleet.transport.allow_list import ALLOW_LIST, METHODS, NOBODY

PROBE = f"/containers/{NOBODY}/archive"


def test_only_reading_methods_are_on_it() -> None:
    assert set(METHODS) == {"GET", "HEAD"}


def test_every_line_has_a_reason_and_stands_once() -> None:
    assert all(len(allowed.reason) > 20 for allowed in ALLOW_LIST)
    assert len({allowed.path for allowed in ALLOW_LIST}) == len(ALLOW_LIST)


def test_nothing_secret_is_on_it() -> None:
    secret = re.compile(r"swarm|secret|config|archive|export|logs|attach|get|exec|copy|top|changes|unlock")
    assert [allowed.path for allowed in ALLOW_LIST if secret.search(allowed.path)] == [PROBE]


def test_the_one_question_about_an_archive_names_no_container_and_gets_no_body() -> None:
    probe = next(allowed for allowed in ALLOW_LIST if allowed.path == PROBE)
    assert set(probe.methods) == {"HEAD"}
    assert probe.params["path"].fullmatch("/")
    assert not probe.params["path"].fullmatch("/etc/shadow")
    assert not probe.pattern.fullmatch(f"/containers/{NOBODY[:-1]}1/archive")


def test_a_stream_needs_an_end() -> None:
    must = {allowed.path: set(allowed.must) for allowed in ALLOW_LIST if allowed.must}
    assert must == {"/events": {"until"}, PROBE: {"path"}}


def test_what_must_be_given_may_be_given() -> None:
    assert all(allowed.must <= allowed.params.keys() for allowed in ALLOW_LIST)
