"""API tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.models import ApiToken
from fleet.tokens import TokenError, issue_token, revoke_token
from tests.builders import NOW

pytestmark = pytest.mark.django_db


def test_a_secret_opens_until_it_is_revoked() -> None:
    secret = issue_token("script", role="viewer", now=NOW)
    assert ApiToken.objects.valid(secret).exists()
    revoke_token("script", now=NOW)
    assert not ApiToken.objects.valid(secret).exists()


def test_a_secret_is_not_in_the_database() -> None:
    secret = issue_token("script", role="viewer", now=NOW)
    row = ApiToken.objects.values().get()
    assert not any(secret in str(value) for value in row.values())


def test_a_name_is_given_once_even_after_it_was_revoked() -> None:
    issue_token("script", role="viewer", now=NOW)
    with pytest.raises(TokenError, match="exists"):
        issue_token("script", role="admin", now=NOW)
    revoke_token("script", now=NOW)
    with pytest.raises(TokenError, match="was revoked"):
        issue_token("script", role="admin", now=NOW)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "two\nlines"])
def test_a_name_that_nobody_could_read_is_refused(name: str) -> None:
    with pytest.raises(TokenError, match="1 to 100 printable"):
        issue_token(name, role="viewer", now=NOW)


def test_revoking_twice_keeps_the_first_time() -> None:
    issue_token("script", role="viewer", now=NOW)
    revoke_token("script", now=NOW)
    revoke_token("script", now=NOW + timedelta(days=1))
    assert ApiToken.objects.get().revoked_at == NOW


def test_revoking_an_unknown_token_names_the_known_ones() -> None:
    issue_token("script", role="viewer", now=NOW)
    with pytest.raises(TokenError, match="there are: script"):
        revoke_token("scrip", now=NOW)
