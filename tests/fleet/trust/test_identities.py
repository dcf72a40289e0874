from __future__ import annotations

import pytest

from fleet.trust.errors import Refused
from fleet.trust.identities import MOST_IDENTITIES, checked_identities, fits

ISSUER = "https://token.actions.githubusercontent.com"
WORKFLOW = "https://github.com/acme/web/.github/workflows/release.yml"


@pytest.mark.parametrize(
    "identity",
    [
        "release@acme.example",
        f"{WORKFLOW}@refs/heads/main",
        f"{WORKFLOW}@refs/tags/v*",
        f"{WORKFLOW}@refs/heads/*",
        "https://gitlab.com/acme/web//.gitlab-ci.yml@refs/tags/*",
        "https://kubernetes.io/namespaces/release/serviceaccounts/signer",
    ],
)
def test_an_identity_is_taken_as_it_was_written(identity: str) -> None:
    assert checked_identities([(f" {ISSUER}", f"{identity} "), (ISSUER, identity)]) == ((ISSUER, identity),)


@pytest.mark.parametrize(
    "identity",
    [
        "*",
        "*@acme.example",
        "release@*",
        "https://github.com/acme/*",
        "https://github.com/*/web/.github/workflows/release.yml@refs/tags/v1",
        f"{WORKFLOW}@*",
        f"{WORKFLOW}@refs/*",
        f"{WORKFLOW}@refs/pull/*",
        f"{WORKFLOW}@refs/tags/v*.0",
        f"{WORKFLOW}@refs/tags/**",
        "https://github.com/@refs/tags/*",
        "https://github.com/acme@refs/tags/*",
        "http://github.com/acme/web/release.yml@refs/tags/*",
        "release@refs/tags/*",
    ],
)
def test_an_asterisk_that_could_be_anybody_is_refused_with_what_it_may_be(identity: str) -> None:
    with pytest.raises(Refused, match=r"could be anybody: .*release\.yml@refs/tags/v"):
        checked_identities([(ISSUER, identity)])


@pytest.mark.parametrize(
    ("issuer", "identity", "why"),
    [
        ("", "a@b", "no issuer"),
        ("token.actions.githubusercontent.com", "a@b", "no issuer"),
        ("http://accounts.example", "a@b", "no issuer"),
        ("https://", "a@b", "no issuer"),
        ("https://*.example", "a@b", "no issuer"),
        (ISSUER, "", "no identity"),
        (ISSUER, "a b@c", "no identity"),
        (ISSUER, "a@b\n", ""),
        (ISSUER, "a@b\nc", "no identity"),
        (ISSUER, "ann@ácme.example", "no identity"),
        (ISSUER, "a" * 301, "no identity"),
    ],
)
def test_what_is_neither_is_refused(issuer: str, identity: str, why: str) -> None:
    if not why:  # blanks around it are nobody's
        assert checked_identities([(issuer, identity)]) == ((issuer, identity.strip()),)
        return
    with pytest.raises(Refused, match=why):
        checked_identities([(issuer, identity)])


@pytest.mark.parametrize("other", [f"{WORKFLOW}@refs/tags/v1", f"{WORKFLOW}@refs/tags/v1*"])
def test_what_an_asterisk_stands_for_already_is_not_another_signer(other: str) -> None:
    for pairs in ([f"{WORKFLOW}@refs/tags/v*", other], [other, f"{WORKFLOW}@refs/tags/v*"]):
        with pytest.raises(Refused, match=r"v\*' stands for .* already"):
            checked_identities([(ISSUER, one) for one in pairs])
    both = ((ISSUER, f"{WORKFLOW}@refs/tags/v*"), ("https://other.example", other))
    assert checked_identities(both) == both


def test_at_least_one_is_needed_and_not_any_number_taken() -> None:
    for pairs in ([], [(ISSUER, f"n{number}@acme.example") for number in range(MOST_IDENTITIES + 1)]):
        with pytest.raises(Refused, match="needs identities"):
            checked_identities(pairs)


@pytest.mark.parametrize(
    ("registered", "identity", "fit"),
    [
        ("a@b", "a@b", True),
        ("a@b", "A@b", False),
        ("a@b", "a@bc", False),
        (f"{WORKFLOW}@refs/tags/v*", f"{WORKFLOW}@refs/tags/v1.0", True),
        (f"{WORKFLOW}@refs/tags/v*", f"{WORKFLOW}@refs/tags/v1/rc+2", True),
        (f"{WORKFLOW}@refs/tags/v*", f"{WORKFLOW}@refs/tags/v", False),
        (f"{WORKFLOW}@refs/tags/v*", f"{WORKFLOW}@refs/tags/w1", False),
        (f"{WORKFLOW}@refs/tags/v*", f"{WORKFLOW}@refs/tags/v1/x.yml@refs/heads/main", False),
        (f"{WORKFLOW}@refs/tags/v*", f"{WORKFLOW}@refs/tags/v1?x", False),
        (f"{WORKFLOW}@refs/tags/v*", f"x{WORKFLOW}@refs/tags/v1", False),
        (f"{WORKFLOW}@refs/tags/v*", f"{WORKFLOW}@refs/tags/v1\n", False),
    ],
)
def test_the_rest_of_a_tag_fits_and_nothing_else(registered: str, identity: str, *, fit: bool) -> None:
    assert fits(registered, identity) is fit
