from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.inventory import ContainerFacts, PluginFacts
from fleet.state import ServiceState, StateKind, StateMember, state_of
from tests.builders import bind_mount, image, volume, volume_mount
from tests.fleet.state.places import DATA, TABLES, member, postgres, ring_member, with_volume

_OWN = "Containers on 2 hosts each have their own; nothing shows that these are copies."
_LONELY = "Cassandra copies its data between members, but one member runs on 1 host, and it takes 3 of each."
NFS = {"type": "nfs", "o": "addr=nas,nfsvers=4", "device": ":/export"}


def said(*members: StateMember, **told: Any) -> ServiceState:
    return state_of(members, tables=TABLES, **told)


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ((member(),), StateKind.STATELESS),
        ((member(bind_mount("/srv", writable=False)),), StateKind.STATELESS),
        ((with_volume(),), StateKind.ONE_DISK),
        ((with_volume(), with_volume(host="prod-02")), StateKind.ONE_DISK),
        ((with_volume(options=NFS),), StateKind.NETWORKED),
        ((with_volume("flocker"),), StateKind.NETWORKED),
        ((with_volume("pxd", {"repl": "3"}),), StateKind.REPLICATED),
        ((with_volume("pxd", {"repl": "1"}),), StateKind.ONE_DISK),
        ((with_volume("pxd"),), StateKind.UNKNOWN),
        ((postgres(),), StateKind.ONE_DISK),
        ((postgres(volume_mount(destination=DATA), volumes=(volume(options=NFS),)),), StateKind.NETWORKED),
        ((member(), with_volume(options=NFS)), StateKind.NETWORKED),
        ((with_volume("pxd", {"repl": "3"}), with_volume(options=NFS)), StateKind.NETWORKED),
        ((with_volume("pxd"), with_volume()), StateKind.ONE_DISK),
        ((with_volume("pxd"), with_volume(options=NFS)), StateKind.UNKNOWN),
        ((), StateKind.UNKNOWN),
    ],
)
def test_the_worst_place_decides(members: tuple[StateMember, ...], kind: StateKind) -> None:
    assert said(*members).kind is kind


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ((member(),), "It writes to no place that has to be kept."),
        ((member(tmpfs=("/scratch",)),), "It writes to nothing but memory."),
        ((with_volume(),), "The volume data lies on prod-01 alone."),
        ((member(bind_mount("/srv/data")),), "The folder /srv/data lies on prod-01 alone."),
        (
            (member(volume_mount("f" * 64), volumes=(volume(name="f" * 64),)),),
            "A volume without a name holds /data, on prod-01 alone.",
        ),
        ((postgres(),), f"PostgreSQL keeps its data in {DATA}, which no mount covers: they go with the container."),
        (
            (with_volume(name="a"), with_volume(name="b", host="prod-02")),
            f"The volume data lies on prod-01 alone. {_OWN}",
        ),
        (
            (member(bind_mount("/srv/a", "/a"), bind_mount("/srv/b", "/b"), bind_mount("/srv/c", "/c")),),
            "The folder /srv/a lies on prod-01 alone. 2 more places would be lost, too.",
        ),
        ((with_volume(options=NFS),), "Its state lies on storage that another machine serves: data (nfs)."),
        (
            (with_volume("drbd"),),
            "Its state lies on storage that keeps copies on several machines: data (drbd).",
        ),
        (
            (with_volume("pxd"),),
            "data on prod-01: How many copies pxd keeps is not told: the engine shows no option repl.",
        ),
        ((ring_member(1),), f"The volume ring-1 lies on prod-01 alone. {_LONELY}"),
        (
            tuple(ring_member(n) for n in (1, 2, 3)),
            "Cassandra looks replicated: 3 members on 3 hosts, each with a place of its own for its data.",
        ),
    ],
)  # fmt: skip
def test_a_sentence_says_why(members: tuple[StateMember, ...], sentence: str) -> None:
    assert said(*members).sentence == sentence


def test_a_role_that_may_lose_everything_makes_it_stateless_and_says_so() -> None:
    found = said(postgres(volume_mount(destination=DATA), volumes=(volume(),)), roles={"cache"})
    assert (found.kind, found.sentence) == (
        StateKind.STATELESS, "Its role is cache: what it keeps may be lost.",
    )  # fmt: skip


def test_what_decides_stands_first() -> None:
    found = said(with_volume(options=NFS, name="a"), with_volume(name="b"))
    assert [(one.container, one.counts) for one in found.holdings] == [("b", True), ("a", True)]


def test_containers_that_share_a_place_are_named() -> None:
    found = said(with_volume(name="a"), with_volume(name="b"), with_volume(name="c", host="prod-02"))
    assert {one.container: one.shared_with for one in found.holdings} == {
        "a": ("b on prod-01",),
        "b": ("a on prod-01",),
        "c": (),
    }


def test_what_is_elsewhere_is_shared_across_hosts() -> None:
    found = said(with_volume("flocker", name="a"), with_volume("flocker", name="b", host="prod-02"))
    assert [one.shared_with for one in found.holdings] == [("b on prod-02",), ("a on prod-01",)]


def test_what_was_seen_and_what_was_not_are_told_apart() -> None:
    found = said(with_volume("flocker"), with_volume(options=NFS))
    assert any("flocker keeps its data on storage that other hosts reach" in one for one in found.proven)
    assert found.assumed == (
        "That whoever serves the storage outlives the host; how many copies it keeps is not seen.",
    )
    assert said(with_volume("pxd")).missing == (
        "How many copies pxd keeps is not told: the engine shows no option repl.",
    )


def test_a_few_members_beside_a_silent_host_are_unknown() -> None:
    found = said(ring_member(1), ring_member(2), all_hosts_answered=False)
    assert found.kind is StateKind.UNKNOWN
    assert "Not every host answered" in found.sentence
    assert said(with_volume(), all_hosts_answered=False).kind is StateKind.ONE_DISK


# Less evidence never makes it safer.

_RANK = {
    StateKind.ONE_DISK: 0, StateKind.UNKNOWN: 0, StateKind.NETWORKED: 1, StateKind.SELF_REPLICATED: 1,
    StateKind.REPLICATED: 2, StateKind.STATELESS: 3,
}  # fmt: skip
_MOUNTS = st.lists(
    st.sampled_from(
        [
            volume_mount("here"), volume_mount("nfs", "/nfs"), volume_mount("px", "/px", driver="pxd"),
            volume_mount("fl", DATA, driver="flocker"), volume_mount("hidden", "/hidden"), bind_mount("/srv", "/srv"),
            bind_mount("/etc/localtime", "/etc/localtime"), bind_mount("/srv/ro", "/ro", writable=False),
            volume_mount("nfs", DATA), volume_mount("here", "/var/lib/cassandra"),
            volume_mount("odd", "/o", driver="odd"),
        ]
    ),
    unique_by=lambda mount: mount.destination,
    max_size=2,
)  # fmt: skip
_VOLUMES = (
    volume(name="here"), volume(name="nfs", options=NFS), volume(name="px", driver="pxd", options={"repl": "2"}),
    volume(name="fl", driver="flocker"), volume(name="hidden", options={"o": "bind", "device": "/srv/x"}),
    volume(name="odd", driver="odd", scope="global"),
)  # fmt: skip
_IMAGES = {
    "web": (image(), "registry.internal/web:1"),
    "postgres": (image(tags=("postgres:16",), declared_volumes=("/elsewhere",)), "postgres:16"),
    "plain postgres": (image(tags=("postgres:16",), declared_volumes=(DATA,)), "postgres:16"),
    "cassandra": (image(tags=("cassandra:5",), declared_volumes=("/var/lib/cassandra",)), "cassandra:5"),
    "etcd": (image(tags=("etcd:3",), declared_volumes=()), "etcd:3"),
    "by id": (image(tags=(), digests=()), "sha256:" + "e" * 64),
}


@st.composite
def _member(draw: st.DrawFn, host: str) -> StateMember:
    told, reference = _IMAGES[draw(st.sampled_from(sorted(_IMAGES)))]
    return member(
        *draw(_MOUNTS),
        volumes=_VOLUMES,
        host=host,
        image_facts=told,
        image_reference=reference,
        name=f"one-on-{host}",
        exposed_ports=draw(st.sampled_from([(), ("5432/tcp",)])),
        declared_volumes=draw(st.sampled_from([(), ("/elsewhere",)])),
        tmpfs=draw(st.sampled_from([(), ("/tmp",), (DATA,)])),
        size_rw=draw(st.sampled_from([0, 0, 0, 500 * 1024 * 1024])),
        readonly_root=draw(st.booleans()),
        labels=draw(st.sampled_from([{}, {}, {"loadline.data-directory": "/srv"}])),
        plugins=draw(st.sampled_from([(), (), (PluginFacts(name="flocker", enabled=False),)])),
        warnings=draw(st.sampled_from([(), (), ("pxd does not answer",)])),
    )


@st.composite
def _members(draw: st.DrawFn) -> tuple[StateMember, ...]:
    hosts = draw(st.sampled_from([("a",), ("a", "b"), ("a", "b", "c"), ("a", "a", "b", "c")]))
    return tuple(draw(_member(host)) for host in hosts)


_FACTS = ("mounts", "labels", "exposed_ports", "declared_volumes", "tmpfs", "size_rw", "readonly_root",
          "image_reference", "state")  # fmt: skip


def _less(one: StateMember) -> Iterator[StateMember]:
    """The same with one fact missing."""
    facts: ContainerFacts = one.facts
    for name in _FACTS:
        yield replace(one, facts=replace(facts, **{name: None}))
    yield replace(one, facts=replace(facts, inspected=False))
    for place, mount in enumerate(facts.mounts or ()):
        for name in ("writable", "name", "source", "driver"):
            mounts = list(facts.mounts or ())
            mounts[place] = replace(mount, **{name: None})
            yield replace(one, facts=replace(facts, mounts=tuple(mounts)))
    for name in ("image", "volumes", "plugins", "volume_warnings"):
        yield replace(one, **{name: None})
    if one.image:
        for name in ("tags", "declared_volumes"):
            yield replace(one, image=replace(one.image, **{name: None}))
    for name, told in (one.volumes or {}).items():
        volumes = {key: value for key, value in (one.volumes or {}).items() if key != name}
        yield replace(one, volumes=volumes)
        for fact in ("driver", "options", "scope", "labels"):
            yield replace(one, volumes={**volumes, name: replace(told, **{fact: None})})
    for plugin in one.plugins or ():
        yield replace(one, plugins=(replace(plugin, enabled=None),))


def _nfs(at: str, **changes: Any) -> StateMember:
    """PostgreSQL with a network file system at a path."""
    return postgres(volume_mount(destination=at), volumes=(volume(options=NFS),), **changes)


#: In each of these one fact decides alone.
_DECIDED_BY_ONE_FACT: dict[str, tuple[StateMember, ...]] = {
    "nothing": (member(),),
    "read-only": (member(bind_mount("/srv", writable=False)),),
    "a folder": (member(bind_mount("/srv")),),
    "a volume": (with_volume(),),
    "a network file system": (with_volume(options=NFS),),
    "one from the host itself": (with_volume(options={**NFS, "o": "addr=127.0.0.1"}),),
    "a plugin": (with_volume("flocker"),),
    "a disabled plugin": (with_volume("flocker", plugins=(PluginFacts(name="flocker", enabled=False),)),),
    "a silent plugin": (with_volume("flocker", warnings=("flocker: refused",)),),
    "one copy": (with_volume("pxd", {"repl": "1"}),),
    "a plugin on the host": (with_volume("local-persist", scope="global"),),
    "a database": (postgres(),),
    "a database on the network": (_nfs(DATA),),
    "one whose image keeps its data elsewhere": (
        _nfs(DATA, image_facts=image(tags=("postgres:16",), declared_volumes=("/elsewhere",))),
    ),
    "one whose owner says where": (_nfs(DATA, labels={"loadline.data-directory": "/elsewhere"}),),
    "one in memory": (postgres(tmpfs=(DATA,)),),
    "one that a port tells of": (member(image_reference="acme/thing:1", exposed_ports=("5432/tcp",)),),
    "one of no name": (postgres(image_facts=image(tags=(), digests=(), declared_volumes=())),),
    "much in its layer": (member(readonly_root=False, size_rw=500 * 1024 * 1024),),
    "a ring": tuple(ring_member(number) for number in (1, 2, 3)),
    "a ring of which one keeps its data elsewhere": (
        ring_member(1),
        ring_member(2),
        ring_member(3, image_facts=image(tags=("cassandra:5",), declared_volumes=("/elsewhere",))),
    ),
    "a ring of two": (ring_member(1), ring_member(2)),
}


def _safer(members: tuple[StateMember, ...]) -> list[tuple[str, str]]:
    """What is said with and without a fact, of each fact without which it sounds safer."""
    before, found = said(*members), []
    for place, one in enumerate(members):
        for less in _less(one):
            after = said(*members[:place], less, *members[place + 1 :])
            if _RANK[after.kind] > _RANK[before.kind]:
                found.append((before.sentence, after.sentence))
    return found


@pytest.mark.parametrize("name", sorted(_DECIDED_BY_ONE_FACT))
def test_the_fact_that_decides_cannot_be_left_out_to_look_safer(name: str) -> None:
    assert _safer(_DECIDED_BY_ONE_FACT[name]) == []


@settings(max_examples=15, deadline=None)
@given(_members())
def test_less_evidence_never_makes_it_safer(members: tuple[StateMember, ...]) -> None:
    assert _safer(members) == []
    silent = said(*members, all_hosts_answered=False)
    assert _RANK[silent.kind] <= _RANK[said(*members).kind]


@given(_members())
def test_the_kind_and_its_evidence_agree(members: tuple[StateMember, ...]) -> None:
    found = said(*members)
    counting = [one for one in found.holdings if one.counts]
    assert found.sentence
    assert (found.kind is StateKind.STATELESS) == (not counting)
    if found.kind in {StateKind.NETWORKED, StateKind.REPLICATED}:
        assert all(one.survives for one in counting)
    if found.kind is StateKind.UNKNOWN:
        assert found.missing
