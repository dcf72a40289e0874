"""What two versions of a trust root differ in."""

from __future__ import annotations

from msgspec.structs import replace

from fleet.trust.differing import Difference, differences, new_keys
from fleet.trust.roots import Kind
from fleet.trust.terms import Server, Terms
from tests.certificates import make_ca
from tests.fleet.trust.publishers import new_key, pem, public

ONE, TWO = new_key(), new_key()
TERMS = Terms(kind=Kind.COSIGN, scopes=("r.internal/a", "r.internal/b"), material=pem(ONE))


def test_the_same_differs_in_nothing() -> None:
    assert differences(TERMS, TERMS) == ()


def test_of_a_list_what_went_and_what_came_is_told() -> None:
    new = replace(TERMS, scopes=("r.internal/b", "r.internal/c"))
    assert differences(TERMS, new) == (Difference("scope", ("r.internal/a",), ("r.internal/c",)),)


def test_another_order_is_told_whole() -> None:
    """Of roles the first that signs a tag decides."""
    server = Server(address="https://notary.internal")
    old = replace(TERMS, kind=Kind.NOTARY, roles=("targets", "targets/releases"), server=server)
    new = replace(old, roles=("targets/releases", "targets"))
    assert differences(old, new) == (
        Difference("roles", ("targets", "targets/releases"), ("targets/releases", "targets")),
    )


def test_keys_are_told_by_their_fingerprints() -> None:
    (found,) = differences(TERMS, replace(TERMS, material=pem(ONE) + pem(TWO)))
    assert (found.part, found.gone) == ("keys", ())
    assert found.came == (f"ECDSA P-256 {public(TWO).fingerprint}",)


def test_every_part_of_the_terms_is_compared() -> None:
    """Or a change of it would look like none."""
    server = Server(address="https://notary.internal")
    base = replace(TERMS, kind=Kind.NOTARY, server=server)
    ca = make_ca().pem
    for change in (
        {"scopes": ("r.internal/*",)},
        {"material": pem(TWO)},
        {"threshold": 2},
        {"match_name": True},
        {"identities": (("x509.subject", "CN=a"),)},
        {"roles": ("targets",)},
        {"server": None},
        {"server": replace(server, address="https://other.internal")},
        {"server": replace(server, private=True)},
        {"server": replace(server, plain=True)},
        {"server": replace(server, ca=ca)},
    ):
        assert differences(base, replace(base, **change)), change
    assert {*Terms.__struct_fields__} == {
        "kind", "scopes", "material", "threshold", "roles", "identities", "match_name", "server",
    }  # fmt: skip
    assert {*Server.__struct_fields__} == {"address", "private", "plain", "ca"}


def test_new_keys_are_those_that_no_version_before_had() -> None:
    both = replace(TERMS, material=pem(ONE) + pem(TWO))
    assert new_keys(TERMS, both) == (("ECDSA P-256", public(TWO).fingerprint),)
    assert len(new_keys(None, both)) == 2
    assert new_keys(both, TERMS) == ()
