"""What of an entry holds."""

from __future__ import annotations

import pytest

from fleet.registration.entry import Entry, validate
from fleet.registration.errors import RegistrationError

pytestmark = pytest.mark.django_db


def _entry(**changes: str) -> Entry:
    return Entry(**{"name": "prod-01", "url": "unix:///run/docker.sock", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("name", "", "is empty"),
        ("name", "   ", "is empty"),
        ("name", "a" * 201, "201 characters; 200 are the most"),
        ("name", "-rf", "begins with a letter or digit"),
        ("name", "two words", "may hold letters"),
        ("name", "a/b", "may hold letters"),
        ("name", "prod\u202e10", "may hold letters"),
        ("name", "<script>", "may hold letters"),
        ("url", "", "is empty"),
        ("url", "ftp://x", "starts with none of"),
        ("url", "tcp://user:secret@x:2375", "password"),
        ("url", "tcp://" + "a" * 500 + ":1", "500 are the most"),
        ("environment", "prod", "No environment is called prod; there are production"),
        ("team", "x" * 101, "100 are the most"),
        ("team", "a\x1bb", "does not print"),
        ("engine", "podmann", "known are: docker"),
    ],
)
def test_what_is_wrong_is_named_with_the_field(field: str, value: str, why: str) -> None:
    with pytest.raises(RegistrationError, match=why) as refusal:
        validate(_entry(**{field: value}))
    assert refusal.value.field == field
    assert "secret" not in str(refusal.value)


def test_no_environment_means_production() -> None:
    assert validate(_entry()).environment.slug == "production"


def test_an_environment_is_known_by_name_and_slug() -> None:
    assert validate(_entry(environment="Staging")).environment == validate(_entry(environment="staging")).environment


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("tcp://Prod-01.Internal:2376/", "tcp://prod-01.internal:2376"),
        ("http://10.0.0.1:2375", "tcp://10.0.0.1:2375"),
        ("tcp://10.0.0.1", "tcp://10.0.0.1:2375"),
        ("https://[fd00::1]:2376", "https://[fd00::1]:2376"),
        ("ssh://ops@Host", "ssh://ops@host"),
        ("ssh://host:2222/run/user/1000/docker.sock", "ssh://host:2222/run/user/1000/docker.sock"),
        (" unix:///run/docker.sock ", "unix:///run/docker.sock"),
    ],
)
def test_an_address_is_stored_in_one_spelling_that_reads_the_same_again(given: str, stored: str) -> None:
    assert validate(_entry(url=given)).url == stored
    assert validate(_entry(url=stored)).url == stored
