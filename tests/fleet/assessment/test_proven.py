"""What is proven of images reaches those who judge them, in few queries, and who rests on it is told when it turns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.assessment import Outside, add_up_marked, assess_host, assess_recorded, tell_what_turned
from fleet.assessment.hosts import Looked, assess_rows
from fleet.models import Change, Finding, Host, Service, TrustResult
from fleet.models.answers import Answers
from fleet.proving import edit_root, enable_root, look_at_due
from fleet.recording import Recorded
from tests.builders import NOW, container, image
from tests.fleet.proving.scene import Scene, scene
from tests.fleet.trust.publishers import PATH, new_key, pem
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def made() -> Iterator[Scene]:
    with scene() as one:
        one.sign()
        one.registered()
        yield one


def runs(made: Scene, *tags: str, host: str = "a", now: datetime = NOW) -> Host:
    """A host that runs the one image under these tags, or by its ID for an empty one."""
    rows = [
        container(
            id=f"{number:x}".rjust(64, "0"),
            name=f"c{number}",
            image_id=made.image.id,
            image_reference=f"{made.repository}:{tag}" if tag else made.image.id,
            listed_image=f"{made.repository}:{tag}" if tag else made.image.id,
        )
        for number, tag in enumerate(tags)
    ]
    facts = image(id=made.image.id, digests=(f"{made.repository}@{made.image.digest}",))
    row = Host.objects.filter(name=host).first() or host_row(host)
    return swept(row, *rows, images=(facts,), now=now)


def said(host: Host, rule: str = "signature-missing") -> Finding:
    return Answers().get(host=host, rule=rule)


def look(now: datetime = NOW) -> None:
    """As the job does it."""
    look_at_due(now, clock=lambda: now)
    tell_what_turned(now)


def again(host: Host, now: datetime) -> None:
    """Another sweep that sees nothing new."""
    row = Host.objects.select_related("environment").get(pk=host.pk)
    assess_recorded(Recorded(row, row.containers_total, 0, frozenset(), gone=False), now=now)
    add_up_marked(now)


def of_proof(queries: CaptureQueriesContext) -> list[str]:
    """What is asked of publishers, of results and of tags."""
    said = [one["sql"] for one in queries.captured_queries]
    return [sql for sql in said if "fleet_trust" in sql or "fleet_runningtag" in sql]


def trust_changes() -> list[tuple[str, str, bool | None]]:
    rows = Change.objects.filter(kind="trust").order_by("pk")
    return [(row.before, row.after, row.better) for row in rows]


def test_what_is_proven_reaches_the_finding_at_the_next_sweep_though_nothing_changed(made: Scene) -> None:
    made.root()
    host = runs(made, "1.0")
    finding = said(host)
    assert (finding.status, finding.blind) == ("unknown", True)
    assert "not been looked at yet" in finding.reason
    look()
    assert said(host).status == "unknown"
    again(host, SOON)
    finding = said(host)
    assert finding.status == "pass"
    assert finding.evidence["Signature"] == {f"{made.repository}:1.0": "verified"}
    assert finding.evidence["Trust root"] == {f"{made.repository}:1.0": "team, version 1"}
    assert not Change.objects.exists()


def test_what_turned_is_told_to_its_services_and_is_a_change(made: Scene) -> None:
    made.root()
    host = runs(made, "1.0")
    look()
    again(host, SOON)
    made.take_signature_away()
    look(NOW + DAY)
    assert trust_changes() == [("verified", "invalid", False)]
    change = Change.objects.get()
    assert (change.about, change.rule) == (f"{made.repository}:1.0", "signature-missing")
    assert change.severity == "critical"
    assert change.service is not None
    assert change.service.name == Service.objects.get().name
    assert change.cause == TrustResult.objects.get().sentence
    again(host, NOW + DAY + timedelta(minutes=1))
    finding = said(host)
    assert (finding.status, finding.severity) == ("fail", "critical")
    flip = Change.objects.get(kind="finding", rule="signature-missing")
    assert (flip.before, flip.after) == ("pass", "fail")
    assert f"{made.repository}:1.0 is invalid" in flip.cause
    assert Service.objects.get().verdict == "not-ready"
    made.sign()
    look(NOW + DAY + timedelta(hours=1))
    assert trust_changes() == [("verified", "verified", None)]
    assert Change.objects.get(kind="trust").flips == 2


def test_a_look_that_finds_the_same_has_nothing_judged_again(made: Scene) -> None:
    made.root()
    host = runs(made, "1.0")
    look()
    again(host, SOON)
    host.refresh_from_db()
    before = host.judge_again_at
    look(NOW + DAY)
    host.refresh_from_db()
    assert TrustResult.objects.get().checked_at == NOW + DAY
    assert host.judge_again_at == before


def test_an_edited_root_a_disabled_root_and_none_are_told_at_the_next_sweep(made: Scene) -> None:
    made.root()
    host = runs(made, "1.0")
    look()
    again(host, SOON)
    terms = made.terms(material=pem(new_key()))
    edit_root("team", terms, author=None, author_name="ann", now=NOW)
    again(host, SOON + timedelta(minutes=1))
    assert "not been looked at yet" in said(host).reason
    look(NOW + timedelta(hours=1))
    again(host, NOW + timedelta(hours=1))
    assert said(host).severity == "critical"
    assert said(host).evidence["Trust root"] == {f"{made.repository}:1.0": "team, version 2"}
    assert trust_changes() == [("verified", "unknown-publisher", False)]
    enable_root("team", enabled=False)
    again(host, NOW + timedelta(hours=2))
    assert (said(host).status, said(host).blind) == ("unknown", True)
    assert "No trust root is registered" in said(host).reason


def test_a_name_that_no_root_speaks_for_says_so(made: Scene) -> None:
    made.root(terms=made.terms(scopes=(f"{made.host}/elsewhere/*",)))
    host = runs(made, "1.0")
    assert said(host).reason.startswith(f"No trust root speaks for {made.repository}.")
    assert said(host).blind


def test_each_name_of_an_image_is_named_and_an_id_claims_nothing(made: Scene) -> None:
    made.root()
    made.registry.manifests[PATH, "stable"] = made.registry.manifests[PATH, "1.0"]
    host = runs(made, "1.0", "stable", "")
    look()
    again(host, SOON)
    assert said(host).evidence["Signature"] == {
        f"{made.repository}:1.0": "verified",
        f"{made.repository}:stable": "verified",
    }
    TrustResult.objects.filter(tag="stable").update(state="unsigned")
    Host.objects.update(judge_again_at=NOW)
    again(host, SOON)
    assert said(host).status == "fail"
    other = runs(made, "", host="b")
    assert "by its name and tag" in said(other).reason


def test_the_last_verdict_stands_for_a_day_past_its_time_and_time_alone_ends_it(made: Scene) -> None:
    made.root()
    host = runs(made, "1.0")
    look()
    made.broken = True
    look(NOW + DAY)
    again(host, NOW + DAY)
    assert (said(host).status, said(host).evidence["As of"]) == (
        "pass",
        {f"{made.repository}:1.0": NOW.isoformat(timespec="minutes")},
    )
    end = NOW + 2 * DAY
    host.refresh_from_db()
    assert host.judge_again_at is not None
    assert host.judge_again_at <= end
    again(host, end)
    finding = said(host)
    assert (finding.status, finding.blind) == ("unknown", False)
    assert "2026-11-24 at 12:00 UTC it was verified" in finding.reason
    assert tell_what_turned(end) == 1
    assert trust_changes() == [("verified", "unreachable", False)]
    assert tell_what_turned(end + timedelta(minutes=5)) == 0


def test_of_two_roots_the_better_counts_and_is_told_once(made: Scene) -> None:
    made.root()
    made.root("other", made.terms(material=pem(new_key())))
    host = runs(made, "1.0")
    look()
    again(host, SOON)
    assert said(host).status == "pass"
    assert set(TrustResult.objects.values_list("told", flat=True)) == {"verified"}
    TrustResult.objects.filter(version__root__name="other").update(untold=True)
    tell_what_turned(SOON)
    assert not Change.objects.exists()


def test_a_tag_that_moved_in_the_registry_is_a_finding_without_any_trust_root(made: Scene) -> None:
    host = runs(made, "1.0")
    assert said(host, "tag-drift").blind
    look()
    again(host, SOON)
    assert said(host, "tag-drift").status == "pass"
    newer = made.push("1.0", content="newer")
    look(NOW + timedelta(hours=6))
    again(host, NOW + timedelta(hours=6))
    finding = said(host, "tag-drift")
    assert (finding.status, finding.evidence["Registry"]) == ("fail", newer.digest)
    assert said(host).blind


def test_a_registry_that_fell_silent_keeps_what_it_told_of_a_tag_for_a_day_past_its_time(made: Scene) -> None:
    host = runs(made, "1.0")
    look()
    again(host, SOON)
    made.broken = True
    look(NOW + timedelta(hours=6))
    again(host, NOW + timedelta(hours=7))
    assert said(host, "tag-drift").status == "pass"
    look(NOW + timedelta(hours=30))
    again(host, NOW + timedelta(hours=30))
    finding = said(host, "tag-drift")
    assert (finding.status, finding.blind) == ("unknown", False)


def test_without_anything_registered_a_judgement_asks_one_small_question_more() -> None:
    host = swept(host_row("a"), container())
    with CaptureQueriesContext(connection) as queries:
        assess_host(host.pk, now=SOON)
    (about,) = of_proof(queries)
    assert "UNION" in about


def test_what_many_hosts_run_is_read_at_once(made: Scene) -> None:
    made.root()
    hosts = [runs(made, "1.0", host=f"h{number}") for number in range(4)]
    look()
    for some in (hosts[:1], hosts):
        rows = [Looked(row) for row in Host.objects.filter(pk__in=[one.pk for one in some])]
        outside = Outside.load([], SOON)
        with CaptureQueriesContext(connection) as queries:
            assess_rows(rows, now=SOON, outside=outside)
        assert len(of_proof(queries)) == 2


if connection.vendor == "postgresql":  # SQLite has one writer at a time

    def test_hosts_are_waited_for_whatever_they_look_like_and_held_last(made: Scene) -> None:
        # A sweep that was woken before, judged by what was known then and is not stored yet still looks awake.
        made.root()
        host = runs(made, "1.0")
        Host.objects.update(judge_again_at=NOW)
        look_at_due(NOW, clock=lambda: NOW)
        with CaptureQueriesContext(connection) as queries:
            tell_what_turned(NOW)
        said = [one["sql"] for one in queries]
        locks = [sql for sql in said if " FOR " in sql and '"fleet_host"' in sql]
        assert len(locks) == 3  # of the proof, of the tag, and of what lies beside it
        assert all(sql.endswith("FOR NO KEY UPDATE") and 'judge_again_at" >' not in sql for sql in locks)
        assert all(str(host.pk) in sql for sql in locks)
