from __future__ import annotations

import re

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.unfiltered_endpoint import UnfilteredEndpoint
from fleet.readiness.vocabulary import Status
from fleet.transport.allow_list import ALLOW_LIST
from tests.builders import host_subject

RULE = UnfilteredEndpoint()


@pytest.mark.parametrize("scheme", ["tcp", "https", "ssh"])
@pytest.mark.parametrize("status", [404, 200])
def test_an_engine_that_answers_by_itself_fails(scheme: str, status: int) -> None:
    outcome = RULE.judge(host_subject(endpoint_scheme=scheme, archive_probe=status))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HEAD /containers/{id}/archive": status}


def test_a_unix_socket_is_not_applicable() -> None:
    assert RULE.judge(host_subject(endpoint_scheme="unix", archive_probe=404)).status is Status.NOT_APPLICABLE


def test_loopback_is_not_applicable() -> None:
    assert RULE.judge(host_subject(endpoint_loopback=True, archive_probe=404)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("status", [None, 302, 400, 500, 502])
def test_no_answer_or_an_odd_one_is_unknown(status: int | None) -> None:
    assert RULE.judge(host_subject(archive_probe=status)).status is Status.UNKNOWN


def test_an_unreported_scheme_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(host_subject(endpoint_scheme=None))


@pytest.mark.parametrize("status", [403, 405])
def test_a_proxy_that_refuses_passes(status: int) -> None:
    assert RULE.judge(host_subject(archive_probe=status)).status is Status.PASS


def allowed_by_the_remedy() -> re.Pattern[str]:
    found = re.search(r"'-allowGET=(.+)'", RULE.remedy.docker)
    assert found
    return re.compile(found[1])


def test_the_proxy_of_the_remedy_lets_through_what_sweeps_ask_for() -> None:
    pattern = allowed_by_the_remedy()
    for one in ALLOW_LIST:
        path = one.path.replace("{id}", "web").replace("{image}", "registry.internal/web:1.4")
        for asked in (path, f"/v1.41{path}"):
            assert bool(pattern.fullmatch(asked)) is ("GET" in one.methods), asked


@pytest.mark.parametrize(
    "path",
    [
        *("/containers/web/archive", "/containers/web/export", "/containers/web/logs", "/containers/web/attach/ws"),
        *("/images/web/get", "/images/get", "/swarm", "/swarm/unlockkey", "/configs", "/configs/a", "/secrets"),
        *("/exec/a/json", "/services/a/logs", "/tasks/a/logs", "/containers/web/archive/../json/", "/libpod/info"),
    ],
)
def test_and_nothing_of_what_a_plain_get_gives_away(path: str) -> None:
    assert not allowed_by_the_remedy().fullmatch(path)
