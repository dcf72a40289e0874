"""What lies beside the fleet's images: looked for in registered registries, kept, and told by whom it is signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.assessment import add_up_marked, assess_host, tell_what_turned
from fleet.inventory import Stated
from fleet.models import Finding, Host, ImageStatements
from fleet.proving import edit_root, grounds, look_at_due, stated_of
from fleet.proving.stated import STATED_INTERVAL, WHOLE_INTERVAL
from fleet.trust.ageing import GRACE
from fleet.trust.names import parse
from tests.fleet.proving.scene import Scene, scene
from tests.fleet.proving.test_due import look, runs
from tests.fleet.trust.attesting import SLSA, SPDX, attested, built, envelope
from tests.fleet.trust.publishers import NOW, PATH, new_key, pem, statement

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def made() -> Iterator[Scene]:
    """An image that BuildKit built with a list of its parts, and whose build the publisher attested; no root yet."""
    with scene() as one:
        one.image = built(one.registry, "1.0", SPDX)
        stated = statement(one.image.manifest, predicate=SLSA)
        attested(one.registry, one.image.manifest, envelope(one.key, stated))
        one.registered()
        runs(one, "a", ("1.0", one.image))
        yield one


def told(made: Scene) -> Stated:
    name = parse(f"{made.repository}:1.0")
    assert name is not None
    by = grounds()
    return stated_of([(name, made.image.id)], by.roots, by.registries)[name, made.image.id]


def signers(made: Scene) -> dict[str, bool]:
    return {one.kind: bool(one.signer) for one in told(made).found}


def test_what_lies_there_is_found_without_a_root_and_signed_by_nobody_who_is_registered(made: Scene) -> None:
    assert told(made) == Stated()
    assert look().looked == 1
    assert signers(made) == {SPDX: False, SLSA: False}
    assert {one.kind: one.signed for one in told(made).found} == {SPDX: False, SLSA: True}
    before = len(made.asked)
    assert look(NOW + timedelta(hours=4)).looked == 0
    assert len(made.asked) == before


def test_with_a_root_it_is_looked_at_anew_and_without_its_key_nobody_signed_it(made: Scene) -> None:
    look()
    made.root()
    look()
    assert signers(made) == {SPDX: False, SLSA: True}
    edit_root("team", made.terms(material=pem(new_key())), author=None, author_name="ann", now=NOW)
    assert signers(made) == {SPDX: False, SLSA: False}  # at once, before anybody looked
    made.broken = True
    look()
    assert signers(made) == {SPDX: False, SLSA: False}
    made.broken = False
    edit_root("team", made.terms(), author=None, author_name="ann", now=NOW)
    look(NOW + DAY)
    assert signers(made) == {SPDX: False, SLSA: True}


def test_a_registry_that_falls_silent_takes_nothing_away_for_a_day_past_its_time(made: Scene) -> None:
    look()
    made.broken = True
    assert look(NOW + STATED_INTERVAL).unreachable == 1
    assert len(told(made).found) == 2
    assert ImageStatements.objects.get().failures == 1
    look(NOW + WHOLE_INTERVAL + GRACE + timedelta(hours=7))
    assert told(made).found == ()
    assert not told(made).looked
    assert "did not answer" in told(made).obstacle


def test_while_the_tags_say_that_nothing_came_or_went_nothing_else_is_asked(made: Scene) -> None:
    look()
    checked_at = ImageStatements.objects.get().checked_at
    before = len(made.asked)
    look(NOW + DAY)
    assert {path.rpartition("/")[2].partition("?")[0] for path in made.asked[before:]} == {"1.0", "list"}
    row = ImageStatements.objects.get()
    assert (row.asked_at, row.checked_at) == (NOW + DAY, checked_at)
    attested(made.registry, made.image.digest, envelope(made.key, statement(made.image.digest, predicate="new")))
    look(NOW + 2 * DAY)
    assert "new" in signers(made)
    before = len(made.asked)
    look(NOW + 2 * DAY + WHOLE_INTERVAL)
    assert any(path.endswith(".att") for path in made.asked[before:])


def test_what_was_never_seen_is_no_evidence_of_absence(made: Scene) -> None:
    made.broken = True
    look()
    assert not told(made).looked
    assert told(made).obstacle


def test_the_rules_say_it_with_the_next_sweep(made: Scene) -> None:
    host = Host.objects.get()
    look_at_due(NOW, clock=lambda: NOW)
    Host.objects.update(judge_again_at=NOW + DAY)
    assert tell_what_turned(NOW) >= 1
    host.refresh_from_db()
    assert host.judge_again_at == NOW
    assert said(host) == {"sbom-missing": "pass", "provenance-missing": "pass"}
    del made.registry.manifests[PATH, f"{made.image.manifest.replace(':', '-')}.att"]
    look(NOW + DAY)
    tell_what_turned(NOW + DAY)
    assert said(host) == {"sbom-missing": "pass", "provenance-missing": "fail"}
    failing = Finding.objects.get(rule="provenance-missing")
    assert failing.evidence["statements"] == [SPDX]


def said(host: Host) -> dict[str, str]:
    """What two rules say of the image there, judged anew."""
    moment = NOW + DAY
    assess_host(host.pk, now=moment)
    add_up_marked(moment)
    rules = ("sbom-missing", "provenance-missing")
    failing = dict(Finding.objects.filter(rule__in=rules).values_list("rule", "status"))
    return {rule: failing.get(rule, "pass") for rule in rules}


def test_of_many_images_it_is_read_in_one_query_and_of_none_in_none(made: Scene) -> None:
    look()
    name = parse(f"{made.repository}:1.0")
    assert name is not None
    by = grounds()
    with CaptureQueriesContext(connection) as queries:
        stated_of([(name, made.image.id), (name, "sha256:" + "0" * 64)], by.roots, by.registries)
        assert stated_of([(name, made.image.id)], by.roots, ()) == {}
    assert len(queries) == 1
