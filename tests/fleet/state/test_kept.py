from __future__ import annotations

from fleet.state import StateKind, StateMember, state_of
from fleet.state.kept import MOST_HOSTS, MOST_PLACES, from_kept, to_kept
from tests.builders import bind_mount, volume, volume_mount
from tests.fleet.state.places import TABLES, member, ring_member, with_volume


def test_an_answer_comes_back_as_it_was() -> None:
    found = state_of((with_volume("pxd", {"repl": "3"}), member()), tables=TABLES)
    kept = from_kept(to_kept(found))
    assert (kept.kind, kept.sentence, kept.proven) == (StateKind.REPLICATED, found.sentence, found.proven)
    (place,) = kept.places
    assert (place.source, place.driver, place.options, place.hosts) == ("data", "pxd", {"repl": "3"}, ("prod-01",))


def test_what_is_alike_is_told_once() -> None:
    many = tuple(with_volume(host=f"prod-{number:02}", name=f"web-{number}") for number in range(20))
    kept = from_kept(to_kept(state_of(many, tables=TABLES)))
    (place,) = kept.places
    assert (place.containers, place.hosts_total, len(place.hosts)) == (20, 20, MOST_HOSTS)


def test_a_service_of_very_many_places_stays_small() -> None:
    mounts = [bind_mount(f"/srv/{number}", f"/{number}") for number in range(200)]
    kept = from_kept(to_kept(state_of((member(*mounts),), tables=TABLES)))
    assert (len(kept.places), kept.more) == (MOST_PLACES, 200 - MOST_PLACES)


def test_two_answers_that_say_the_same_are_kept_alike() -> None:
    ring = [ring_member(number) for number in (1, 2, 3)]
    assert to_kept(state_of(ring, tables=TABLES)) == to_kept(state_of(ring[::-1], tables=TABLES))


def test_what_is_alike_is_as_large_as_its_volumes_together() -> None:
    def keeping(size: int | None, host: str, name: str) -> StateMember:
        return member(volume_mount(), volumes=(volume(size=size),), host=host, name=name)

    pair = (keeping(10, "prod-01", "a"), keeping(5, "prod-02", "b"), keeping(None, "prod-03", "c"))
    (place,) = (one for one in from_kept(to_kept(state_of(pair, tables=TABLES))).places if one.counts)
    assert (place.containers, place.size) == (3, 15)


def test_a_volume_that_two_containers_share_is_counted_once() -> None:
    shared = tuple(member(volume_mount(), volumes=(volume(size=10),), name=name) for name in ("a", "b"))
    places = [one for one in from_kept(to_kept(state_of(shared, tables=TABLES))).places if one.counts]
    assert {(one.size, one.shared_with) for one in places} == {(10, ("b on prod-01",)), (10, ("a on prod-01",))}


def test_an_untold_size_is_no_size() -> None:
    (place,) = from_kept(to_kept(state_of((with_volume(),), tables=TABLES))).places[:1]
    assert place.size is None
