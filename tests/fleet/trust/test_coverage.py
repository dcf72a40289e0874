"""For what a root would speak, and instead of whom."""

from __future__ import annotations

from fleet.trust.coverage import FIRST, Coverage, Running, Some, Speaker, coverage

HOUSE = Speaker("house", ("registry.internal/*",))


def would(
    *scopes: str, running: tuple[str, ...], before: tuple[str, ...] = (), others: tuple[Speaker, ...] = ()
) -> Coverage:
    rows = [Running(f"{one}:1", one, 2) for one in running]
    was = Speaker("team", before) if before else None
    return coverage(Speaker("team", scopes), before=was, others=others, running=rows)


def test_numbers_of_scopes_add_up_to_the_whole() -> None:
    found = would(
        "registry.internal/team/*", "registry.internal/team/web",
        running=("registry.internal/team/web", "registry.internal/team/api", "docker.io/library/redis"),
    )  # fmt: skip
    assert (found.of, found.images, found.containers) == (3, 2, 4)
    assert found.scopes == (("registry.internal/team/*", 1, 2), ("registry.internal/team/web", 1, 2))
    assert found.first == ("registry.internal/team/api:1", "registry.internal/team/web:1")


def test_what_fits_closer_is_taken_from_whoever_spoke() -> None:
    found = would("registry.internal/team/*", running=("registry.internal/team/web",), others=(HOUSE,))
    assert found.taken == Some(1, (("registry.internal/team/web:1", "house"),))
    assert (found.shared.number, found.closer.number, found.lost.number) == (0, 0, 0)


def test_what_it_had_already_is_not_taken_again() -> None:
    scope = "registry.internal/team/*"
    found = would(scope, running=("registry.internal/team/web",), before=(scope,), others=(HOUSE,))
    assert (found.images, found.taken.number) == (1, 0)


def test_what_it_shared_and_now_fits_closer_is_taken() -> None:
    web = "registry.internal/team/web"
    found = would(web, running=(web,), before=("registry.internal/*",), others=(HOUSE,))
    assert found.taken == Some(1, ((f"{web}:1", "house"),))


def test_what_fits_as_close_is_shared() -> None:
    found = would("registry.internal/*", running=("registry.internal/team/web",), others=(HOUSE,))
    assert found.shared == Some(1, (("registry.internal/team/web:1", "house"),))
    assert (found.images, found.taken.number) == (1, 0)


def test_where_another_fits_closer_it_does_not_speak() -> None:
    web = Speaker("web", ("registry.internal/team/web",))
    found = would("registry.internal/team/*", running=("registry.internal/team/web",), others=(web, HOUSE))
    assert found.closer == Some(1, (("registry.internal/team/web:1", "web"),))
    assert found.images == 0


def test_what_a_narrower_scope_leaves_is_told_with_whoever_speaks_then() -> None:
    running = ("registry.internal/team/web", "ghcr.io/acme/api")
    found = would("docker.io/*", running=running, before=("registry.internal/team/*", "ghcr.io/*"), others=(HOUSE,))
    assert found.lost == Some(2, (("ghcr.io/acme/api:1", ""), ("registry.internal/team/web:1", "house")))


def test_of_many_the_first_are_named_and_all_are_counted() -> None:
    running = tuple(f"registry.internal/team/n{number:03}" for number in range(50))
    found = would("registry.internal/team/*", running=running, others=(HOUSE,))
    assert (found.images, found.taken.number) == (50, 50)
    assert (len(found.first), len(found.taken.first)) == (FIRST, FIRST)
    assert found.first[0] == "registry.internal/team/n000:1"
