from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DataError, IntegrityError, OperationalError
from django.utils import timezone

from fleet.models import AnswerSheet, Container, Finding, Host
from fleet.simulation import running, synthetic
from fleet.sweeping import Swept, claim_due, claim_hosts, concluding, sweep_claimed
from fleet.transport import Limits
from tests.builders import NOW
from tests.fleet.transport import hostile
from tests.rows import host_row

pytestmark = pytest.mark.django_db

QUICK = Limits(request_seconds=1.0, sweep_seconds=2.0, connect_seconds=1.0)
BROKEN = {
    "hangs": (hostile.hang, "timeout"),
    "drips": (hostile.drip_body, "timeout"),
    "html": (hostile.html, "not-an-engine"),
    "resets": (hostile.reset, "reset"),
    "floods": (hostile.huge, "too-large"),
    "stops": (hostile.half, "truncated"),
    "garbage": (hostile.garbage, "not-an-engine"),
    "deep": (hostile.deep, "bad-json"),
    "latin": (hostile.bad_utf8, "bad-json"),
}


def sweep_all(*hosts: Host) -> dict[str, Swept]:
    shards = claim_hosts([host.pk for host in hosts], timezone.now(), shard_size=100)
    return {swept.name: swept for shard in shards for swept in sweep_claimed(shard, limits=QUICK)}


def test_broken_engines_get_a_reason_each_and_the_good_ones_are_swept_in_the_same_run() -> None:
    with ExitStack() as stack:
        good = stack.enter_context(running(synthetic(engines=3, containers=5)))
        hosts = [host_row(f"good-{number}", url=one.url) for number, one in enumerate(good)]
        for name, (behaviour, _) in BROKEN.items():
            hosts.append(host_row(name, url=stack.enter_context(hostile.hostile_peer(behaviour))))
        hosts.append(host_row("nobody", url="tcp://127.0.0.1:1"))
        results = sweep_all(*hosts)
    assert {name for name, swept in results.items() if swept.ok} == {"good-0", "good-1", "good-2"}
    assert Container.objects.count() == 15
    for name in (*BROKEN, "nobody"):
        assert results[name].error, name
    assert 0.9 < results["hangs"].seconds < 10
    codes = dict(Host.objects.exclude(error_code="").values_list("name", "error_code"))
    assert {name: codes[name] for name in BROKEN} == {name: code for name, (_, code) in BROKEN.items()}
    assert codes["nobody"] == "refused"


def test_a_failed_sweep_keeps_what_was_known() -> None:
    with running(synthetic(engines=1, containers=4)) as engines:
        host = host_row("prod-01", url=engines[0].url)
        sweep_all(host)
        answered = Host.objects.get().answered_at
    assert not sweep_all(host)["prod-01"].ok
    host.refresh_from_db()
    assert (host.failures, host.answered_at) == (1, answered)
    assert Container.objects.present().count() == 4


def test_a_second_sweep_of_a_quiet_host_changes_nothing() -> None:
    with running(synthetic(engines=1, containers=4)) as engines:
        host = host_row("prod-01", url=engines[0].url)
        assert sweep_all(host)["prod-01"].changed > 0
        assert sweep_all(host)["prod-01"].changed == 0


def test_a_sweep_notes_how_many_rows_it_wrote() -> None:
    with running(synthetic(engines=1, containers=4)) as engines:
        host = host_row("prod-01", url=engines[0].url)
        changed = sweep_all(host)["prod-01"].changed
        host.refresh_from_db()
        assert (
            host.rows_written
            == changed + Finding.objects.filter(host=host).count() + AnswerSheet.objects.filter(host=host).count()
        )
        sweep_all(host)
    host.refresh_from_db()
    assert host.rows_written == 0
    Host.objects.update(rows_written=7)
    sweep_all(host)  # which fails, and leaves the number of the last good one
    host.refresh_from_db()
    assert (host.failures, host.rows_written) == (1, 7)


def test_a_host_that_comes_back_is_asked_again_after_an_interval(settings: LazySettings) -> None:
    """It was claimed with the pause of one that had failed for long."""
    with running(synthetic(engines=1, containers=1)) as engines:
        host = host_row("prod-01", url=engines[0].url, failures=50)
        begun = timezone.now()
        sweep_all(host)
    host.refresh_from_db()
    assert host.failures == 0
    assert host.next_sweep_at < begun + timedelta(seconds=1.2 * settings.LOADLINE_SWEEP_SECONDS)


def test_a_sweep_whose_claim_was_taken_asks_nobody() -> None:
    host = host_row(url="tcp://127.0.0.1:1")
    (old,) = claim_due(NOW)
    claim_hosts([host.pk], timezone.now())
    assert sweep_claimed(old, limits=QUICK) == []
    host.refresh_from_db()
    assert host.error == ""


def test_credentials_that_no_key_opens_fail_their_own_host_only() -> None:
    with running(synthetic(engines=1, containers=2)) as engines:
        good = host_row("good", url=engines[0].url)
        bad = host_row("bad", sealed_key="not sealed by us")
        results = sweep_all(good, bad)
    assert results["good"].ok
    assert "LOADLINE_SEALING_KEYS" in (results["bad"].error or "")


def test_a_worker_that_dies_while_judging_leaves_no_half_of_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_args: object, **_kwargs: object) -> None:
        raise SystemExit("killed")

    with running(synthetic(engines=1, containers=3)) as engines:
        host = host_row("prod-01", url=engines[0].url)
        with monkeypatch.context() as patched:
            patched.setattr(concluding, "assess_all_recorded", dies)
            with pytest.raises(SystemExit):
                sweep_all(host)
        assert not Container.objects.exists()
        assert sweep_all(host)["prod-01"].ok
    assert Container.objects.count() == 3


def test_a_sweep_that_the_database_ended_is_stored_at_the_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = concluding.assess_all_recorded, []

    def deadlocks_once(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise OperationalError("deadlock detected")
        return real(*args, **kwargs)

    monkeypatch.setattr(concluding, "assess_all_recorded", deadlocks_once)
    with running(synthetic(engines=1, containers=3)) as engines:
        assert sweep_all(host_row("prod-01", url=engines[0].url))["prod-01"].ok
    assert Container.objects.count() == 3


@pytest.mark.parametrize(
    "error", [DataError("value too long\nDETAIL: the row"), KeyError("rule"), IntegrityError("twice")]
)
def test_a_result_that_cannot_be_stored_costs_its_own_host_and_says_so(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = concluding.record_all

    def breaks_on_bad(found: list[tuple[int, Any]], **kwargs: Any) -> Any:
        if bad.pk in dict(found):
            raise error
        return real(found, **kwargs)

    monkeypatch.setattr(concluding, "record_all", breaks_on_bad)
    with running(synthetic(engines=2, containers=3)) as engines:
        bad, good = host_row("bad", url=engines[0].url), host_row("good", url=engines[1].url)
        results = sweep_all(bad, good)
    assert results["good"].ok
    bad.refresh_from_db()
    assert bad.error == results["bad"].error
    assert (bad.failures, bad.claim, bad.attempted_at is None) == (1, "", False)
    assert "DETAIL" not in bad.error


def test_a_database_that_takes_not_even_the_failure_costs_the_others_of_the_shard_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = concluding.record_all

    def full(found: list[tuple[int, Any]], **kwargs: Any) -> Any:
        if bad.pk in dict(found):
            raise OperationalError("database or disk is full")
        return real(found, **kwargs)

    monkeypatch.setattr(concluding, "record_all", full)
    monkeypatch.setattr(concluding, "record_failure", lambda host_id, **_: full([(host_id, None)]))
    with running(synthetic(engines=2, containers=3)) as engines:
        bad, good = host_row("bad", url=engines[0].url), host_row("good", url=engines[1].url)
        results = sweep_all(bad, good)
    assert results["good"].ok
    assert "disk is full" in (results["bad"].error or "")
    bad.refresh_from_db()
    assert bad.claim  # until its lease ends
    assert bad.next_sweep_at > timezone.now()


def test_a_sweep_says_when_the_next_one_is_due(settings: LazySettings) -> None:
    with running(synthetic(engines=1, containers=1)) as engines:
        good, bad = host_row("good", url=engines[0].url), host_row("bad", url="tcp://127.0.0.1:1")
        begun = timezone.now()
        sweep_all(good, bad)
    longest = timedelta(seconds=1.2 * settings.LOADLINE_SWEEP_SECONDS)
    for host in (good, bad):
        host.refresh_from_db()
        assert begun < host.next_sweep_at < begun + longest
