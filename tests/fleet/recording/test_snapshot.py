from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from fleet.inventory import ContainerFacts, Gap, HandChange, ImageFacts, PluginFacts, SecretHint, Snapshot
from fleet.models import Container, Environment, Host, Image, Network, Service, Volume
from fleet.recording import StaleClaimError, record, record_failure, restarts_in_window
from tests.builders import NOW, container, host, image, network, snapshot, volume, volume_mount

pytestmark = pytest.mark.django_db


@pytest.fixture
def prod_01() -> Host:
    return make_host("prod-01")


def make_host(name: str) -> Host:
    return Host.objects.create(
        name=name,
        url=f"tcp://{name}:2376",
        environment=Environment.objects.get(slug="production"),
        team="payments",
        registered_at=NOW,
        next_sweep_at=NOW,
    )


def test_a_snapshot_becomes_rows(prod_01: Host) -> None:
    seen = container(labels={"com.docker.compose.project": "shop", "com.docker.compose.service": "web"})
    result = record(prod_01.pk, snapshot(seen, volumes=(volume(),)), now=NOW)
    row = Container.objects.get()
    assert (row.name, row.state, row.host.name) == ("web", "running", "prod-01")
    assert row.read_facts() == seen
    assert row.service is not None
    assert (row.service.name, row.service.slug, row.service.team) == ("shop/web", "shop-web", "payments")
    assert row.image == Image.objects.get()
    assert Network.objects.count() == Volume.objects.count() == 1
    assert result.containers == 1
    assert result.services == {row.service.pk}


def test_the_same_snapshot_again_writes_no_thing(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(), now=NOW)
    again = record(prod_01.pk, snapshot(), now=NOW + timedelta(seconds=30))
    assert again.changed == 0
    assert again.services == frozenset()
    prod_01.refresh_from_db()
    assert prod_01.answered_at == NOW + timedelta(seconds=30)


def test_a_container_that_went_is_marked_not_deleted(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container(), container(id="b" * 64, name="other")), now=NOW)
    later = NOW + timedelta(minutes=1)
    record(prod_01.pk, snapshot(container()), now=later)
    assert Container.objects.get(name="other").gone_at == later
    assert list(Container.objects.present().values_list("name", flat=True)) == ["web"]


def test_a_container_that_comes_back_is_present_again(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container()), now=NOW)
    record(prod_01.pk, replace(snapshot(container()), containers=()), now=NOW)
    record(prod_01.pk, snapshot(container()), now=NOW)
    assert Container.objects.get().gone_at is None


def test_a_part_that_did_not_answer_leaves_its_rows_alone(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(volumes=(volume(),)), now=NOW)
    partial = snapshot(volumes=None, gaps=(Gap("/volumes", "did not answer within 20 seconds"),))
    record(prod_01.pk, partial, now=NOW)
    assert Volume.objects.get().gone_at is None
    prod_01.refresh_from_db()
    reason = "did not answer within 20 seconds"
    assert prod_01.gaps == [{"endpoint": "/volumes", "reason": reason, "since": NOW.isoformat()}]


def test_a_list_only_container_keeps_what_inspect_told_before(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container(privileged=True)), now=NOW)
    bare = replace(container(), inspected=False, privileged=None, state="exited", memory=None)
    record(prod_01.pk, snapshot(bare), now=NOW)
    facts = Container.objects.get().read_facts()
    assert facts.privileged is True
    assert facts.state == "exited"


def test_a_failed_sweep_changes_nothing_but_the_host(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(), now=NOW)
    record_failure(prod_01.pk, code="timeout", reason="did not answer", now=NOW + timedelta(minutes=1))
    prod_01.refresh_from_db()
    assert (prod_01.failures, prod_01.error_code, prod_01.error) == (1, "timeout", "did not answer")
    assert prod_01.answered_at == NOW
    assert Container.objects.present().count() == 1


def test_a_good_sweep_clears_the_failure(prod_01: Host) -> None:
    record_failure(prod_01.pk, code="timeout", reason="did not answer", now=NOW)
    record(prod_01.pk, snapshot(), now=NOW)
    prod_01.refresh_from_db()
    assert (prod_01.failures, prod_01.error) == (0, "")


def test_a_result_under_an_old_claim_is_thrown_away(prod_01: Host) -> None:
    Host.objects.update(claim="new")
    with pytest.raises(StaleClaimError), transaction.atomic():
        record(prod_01.pk, snapshot(), now=NOW, claim="old")
    record_failure(prod_01.pk, code="timeout", reason="late", now=NOW, claim="old")
    prod_01.refresh_from_db()
    assert Container.objects.count() == 0
    assert prod_01.error == ""


def test_two_hosts_with_one_engine_id_stay_two(prod_01: Host) -> None:
    other = make_host("prod-02")
    for one in (prod_01, other):
        record(one.pk, snapshot(host=host(engine_id="SAME")), now=NOW)
    assert Host.objects.count() == 2
    assert Container.objects.count() == 2
    assert Service.objects.count() == 1


def test_a_deleted_host_takes_its_late_result_with_it(prod_01: Host) -> None:
    pk = prod_01.pk
    prod_01.delete()
    with pytest.raises(StaleClaimError):
        record(pk, snapshot(), now=NOW)


def test_services_whose_names_meet_in_one_slug_stay_apart(prod_01: Host) -> None:
    labels = [{"loadline.service": "a/b"}, {"loadline.service": "a-b"}]
    record(prod_01.pk, snapshot(*(container(id=str(n) * 64, labels=one) for n, one in enumerate(labels))), now=NOW)
    assert set(Service.objects.values_list("slug", flat=True)) == {"a-b", "a-b-2"}


def test_facts_come_back_as_they_went_in(prod_01: Host) -> None:
    seen = container(mounts=(volume_mount(),), secret_hints=(SecretHint("env", "DB_PASSWORD", "named like a secret"),))
    record(prod_01.pk, snapshot(seen, images=(image(),)), now=NOW)
    assert Container.objects.get().read_facts() == seen
    assert Image.objects.get().read_facts() == image()


def restarts(prod_01: Host, *counts: tuple[int, int], began: timedelta = timedelta(minutes=-2)) -> int | None:
    """Sweeps at (minute, RestartCount) pairs; the restarts counted at the last one."""
    for minute, count in counts:
        at = NOW + timedelta(minutes=minute)
        record(prod_01.pk, snapshot(container(restart_count=count, started_at=NOW + began)), now=at)
    return restarts_in_window(Container.objects.get(), now=NOW + timedelta(minutes=counts[-1][0]))


def test_one_sweep_of_an_old_container_tells_nothing_of_its_restarts(prod_01: Host) -> None:
    assert restarts(prod_01, (0, 7)) is None


def test_a_run_that_began_before_the_window_tells_that_there_was_no_restart_in_it(prod_01: Host) -> None:
    assert restarts(prod_01, (0, 7), began=timedelta(minutes=-10)) == 0


def test_restarts_are_counted_between_sweeps(prod_01: Host) -> None:
    assert restarts(prod_01, (0, 7), (1, 9), (2, 10)) == 3


def test_restarts_older_than_ten_minutes_are_forgotten(prod_01: Host) -> None:
    assert restarts(prod_01, (0, 7), (1, 9), (14, 9)) == 0


def test_a_start_by_hand_begins_the_count_anew(prod_01: Host) -> None:
    assert restarts(prod_01, (0, 7), (1, 9), (2, 0), (12, 0)) == 0


def test_a_young_container_counts_all_its_restarts(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container(restart_count=4, created_at=NOW - timedelta(minutes=2))), now=NOW)
    assert restarts_in_window(Container.objects.get(), now=NOW) == 4


def test_what_no_column_holds_is_left_out_and_named_as_a_gap(prod_01: Host) -> None:
    long = "v" * 256
    volumes, images = (volume(name=long), volume()), (image(id=long), image())
    networks = (network(id=long), network(id="m" * 64, name="n" * 4096))
    record(prod_01.pk, snapshot(volumes=volumes, images=images, networks=networks), now=NOW)
    prod_01.refresh_from_db()
    assert {gap["endpoint"] for gap in prod_01.gaps} == {"/volumes", "/images/json", "/networks"}
    assert (Volume.objects.count(), Image.objects.count()) == (1, 1)
    assert Network.objects.get().name == "n" * 255


def test_a_thing_that_is_listed_twice_is_one(prod_01: Host) -> None:
    twice = snapshot(volumes=(volume(), volume()), images=(image(), image()), networks=(network(), network()))
    record(prod_01.pk, twice, now=NOW)
    record(prod_01.pk, twice, now=NOW)
    assert Volume.objects.count() == Image.objects.count() == Network.objects.count() == 1


@pytest.mark.parametrize("count", [-1, 2**31, 2**63 - 1])
def test_an_absurd_count_of_restarts_is_stored_as_near_as_can_be(count: int, prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container(restart_count=count)), now=NOW)
    assert 0 <= Container.objects.get().restart_count < 2**31


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "s" * 21, "health": "h" * 21},
        {"name": "n" * 256, "image_reference": "i" * 501},
        {"labels": {"loadline.service": "s" * 300, "team": "t" * 300}},
        {"created_at": datetime(2, 1, 1, tzinfo=UTC), "started_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)},
    ],
)
def test_odd_words_of_an_engine_fit_the_columns(changes: dict[str, Any], prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container(**changes)), now=NOW)
    again = record(prod_01.pk, snapshot(container(**changes)), now=NOW)
    assert (Container.objects.count(), again.changed) == (1, 0)


def test_what_went_long_ago_costs_a_sweep_nothing(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container(), container(id="b" * 64, name="job")), now=NOW)
    record(prod_01.pk, snapshot(container()), now=NOW)
    with CaptureQueriesContext(connection) as queries:
        record(prod_01.pk, snapshot(container()), now=NOW)
    read = [query["sql"] for query in queries if 'FROM "fleet_container"' in query["sql"]]
    there, facts = read
    assert '"gone_at" IS NULL' in there
    assert f"IN ({Container.objects.present().get().pk})" in facts


def test_an_inspection_that_was_not_renewed_for_too_long_counts_no_more(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container()), now=NOW)
    bare = replace(container(), inspected=False, privileged=None)
    for minutes in (1, 5):
        record(prod_01.pk, snapshot(bare), now=NOW + timedelta(minutes=minutes))
        assert Container.objects.get().read_facts().inspected
    record(prod_01.pk, snapshot(bare), now=NOW + timedelta(minutes=7))
    assert not Container.objects.get().read_facts().inspected
    record(prod_01.pk, snapshot(container()), now=NOW + timedelta(minutes=8))
    row = Container.objects.get()
    assert row.read_facts().inspected
    assert row.uninspected_since is None


def test_what_is_told_without_an_inspection_is_kept_beside_the_last_one(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container()), now=NOW)
    by_hand = (HandChange("exec", NOW),)
    bare = replace(container(), inspected=False, privileged=None, hand_changes=by_hand, size_rw=7)
    record(prod_01.pk, snapshot(bare), now=NOW + timedelta(minutes=1))
    facts = Container.objects.get().read_facts()
    assert (facts.inspected, facts.hand_changes, facts.size_rw) == (True, by_hand, 7)


def test_a_gap_remembers_since_when_it_is_there(prod_01: Host) -> None:
    for minutes in (0, 1, 2):
        gap = Gap("/networks", f"timed out in minute {minutes}")
        record(prod_01.pk, snapshot(networks=None, gaps=(gap,)), now=NOW + timedelta(minutes=minutes))
    prod_01.refresh_from_db()
    assert [gap["since"] for gap in prod_01.gaps] == [NOW.isoformat()]


ALONE = {"images": None, "networks": None, "volumes": None, "plugins": None, "told": frozenset({"events"})}


def quiet(*inspected: ContainerFacts, **changes: Any) -> Snapshot:
    """A sweep that inspected these alone."""
    return replace(snapshot(), containers=inspected, **{**ALONE, **changes})


def test_what_was_not_inspected_again_is_there_as_it_was(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container(), container(id="b" * 64, name="other")), now=NOW)
    before = Container.objects.values().order_by("pk")
    ids = frozenset({container().id, "b" * 64})
    recorded = record(prod_01.pk, quiet(unchanged=ids, running_unchanged=1), now=NOW + timedelta(minutes=1))
    assert (recorded.changed, recorded.containers, recorded.services) == (0, 2, frozenset())
    assert list(Container.objects.values().order_by("pk")) == list(before)
    prod_01.refresh_from_db()
    assert (prod_01.containers_total, prod_01.containers_running) == (2, 1)
    assert prod_01.answered_at == NOW + timedelta(minutes=1)


def test_what_is_neither_inspected_nor_unchanged_went(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(container(), container(id="b" * 64, name="other")), now=NOW)
    record(prod_01.pk, quiet(unchanged=frozenset({"b" * 64})), now=NOW)
    assert [row.name for row in Container.objects.filter(gone_at__isnull=True)] == ["other"]


def test_an_engine_whose_version_was_not_asked_for_keeps_it(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(), now=NOW)
    of_version = {"engine_commit": None, "api_version": None, "min_api_version": None, "components": None}
    silent = host(kind="", engine_version="99", cpus=4, events_whole=None, **of_version)
    record(prod_01.pk, snapshot(host=silent, version_told=False), now=NOW)
    assert Host.objects.get().read_facts() == host(cpus=4, events_whole=None)
    record(prod_01.pk, snapshot(host=silent), now=NOW)
    assert Host.objects.get().read_facts() == silent


def test_what_was_not_asked_for_keeps_what_it_said_and_what_it_failed_to_say(prod_01: Host) -> None:
    first = snapshot(plugins=(PluginFacts(name="flocker"),), volumes=None, gaps=(Gap("/volumes", "no"),))
    record(prod_01.pk, first, now=NOW)
    record(prod_01.pk, quiet(unchanged=frozenset({container().id})), now=NOW + timedelta(minutes=1))
    prod_01.refresh_from_db()
    assert [one.name for one in prod_01.plugins() or ()] == ["flocker"]
    assert [gap["endpoint"] for gap in prod_01.gaps] == ["/volumes"]
    record(prod_01.pk, snapshot(), now=NOW + timedelta(minutes=2))
    prod_01.refresh_from_db()
    assert (prod_01.plugins(), prod_01.gaps) == ((), [])


def test_a_container_is_remembered_as_the_sweep_that_inspected_it_says(prod_01: Host) -> None:
    for token in ("one", "two"):
        record(prod_01.pk, snapshot(remembered={container().id: token}), now=NOW)
        assert Container.objects.get().remembered == token


@pytest.mark.parametrize(
    "restless",
    [
        {"hand_changes": (HandChange("exec", NOW),)},
        {"inspected": False},
    ],
)
def test_what_moves_by_itself_is_inspected_each_time(prod_01: Host, restless: dict[str, Any]) -> None:
    token = {container().id: "token"}
    record(prod_01.pk, snapshot(remembered=token), now=NOW)
    assert Container.objects.get().remembered == "token"
    for minutes in (1, 2):
        facts = container(**restless)
        record(prod_01.pk, snapshot(facts, remembered=token), now=NOW + timedelta(minutes=minutes))
        assert Container.objects.get().remembered == ""
    later = NOW + timedelta(days=2)
    record(prod_01.pk, snapshot(container(hand_changes=()), remembered=token), now=later)
    assert Container.objects.get().remembered == "token"


def test_what_restarted_of_late_is_known_again_and_known_to_have_done_so(prod_01: Host) -> None:
    token = {container().id: "token"}
    record(prod_01.pk, snapshot(remembered=token), now=NOW)
    told = []
    for minutes in (1, 2, 20):
        at = NOW + timedelta(minutes=minutes)
        record(prod_01.pk, snapshot(container(restart_count=3), remembered=token), now=at)
        told.append(Container.objects.get().remembered)
    assert told == ["token!", "token!", "token"]


def test_an_image_that_was_not_inspected_again_keeps_what_was_known(prod_01: Host) -> None:
    seen = image(layers=7, comment="made by hand", inspected=True)
    record(prod_01.pk, snapshot(images=(seen,)), now=NOW)
    prod_01.refresh_from_db()
    assert prod_01.images_inspected == [seen.id]
    listed = ImageFacts(id=seen.id, tags=("registry.internal/web:renamed",), digests=seen.digests, size=seen.size)
    record(prod_01.pk, snapshot(images=(listed,)), now=NOW + timedelta(minutes=1))
    facts = Image.objects.get().read_facts()
    assert (facts.layers, facts.comment, facts.tags) == (7, "made by hand", ("registry.internal/web:renamed",))
    prod_01.refresh_from_db()
    assert prod_01.images_inspected == [seen.id]
    record(prod_01.pk, snapshot(images=()), now=NOW + timedelta(minutes=2))
    prod_01.refresh_from_db()
    assert prod_01.images_inspected == []


def test_a_volume_keeps_its_size_until_sizes_are_asked_for_again(prod_01: Host) -> None:
    asked = {"told": frozenset({"things", "usage"})}
    record(prod_01.pk, snapshot(volumes=(volume(size=4096),), **asked), now=NOW)
    quiet = record(prod_01.pk, snapshot(volumes=(volume(),), told=frozenset({"things"})), now=NOW)
    assert (Volume.objects.get().read_facts().size, quiet.changed) == (4096, 0)
    record(prod_01.pk, snapshot(volumes=(volume(),), **asked), now=NOW)
    assert Volume.objects.get().read_facts().size is None
