from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.engines.reading import redaction
from fleet.engines.reading.redaction import (
    HIDDEN,
    hints_in_command,
    hints_in_environment,
    names_a_secret,
    redact_pairs,
    redact_text,
    why_secret,
)

TOKENS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "glpat-abcdefghijklmnopqrst",
    "xoxb-123456789012-abcdefghijkl",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    "postgres://app:hunter2@db:5432/shop",
    "redis://:hunter2@cache",
    "amqp://u:p@ss/word@mq",
    "bob:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/",
]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "DB_PASSWORD",
            "PGPASSWORD",
            "MYSQL_ROOT_PASSWORD",
            "DB_PASS",
            "SMTPPASS",
            "DB_PWD",
            "password",
            "dbPassword",
        ),
        *("SECRET_KEY", "API_KEY", "APIKEY", "api-key", "apiKey", "GITHUB_TOKEN", "PRIVATE_KEY", "SENTRY_DSN"),
        *("GOOGLE_CREDENTIALS", "--token", "AWS_SECRET_ACCESS_KEY", "PASS_1"),
    ],
)
def test_a_secrets_name_is_recognised(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        *("PWD", "OLDPWD", "DB_PASSWORD_FILE", "TOKEN_TTL", "PASSENGER_APP_ENV", "COMPASS", "BYPASS", "FEEDSNAME"),
        *("PATH", "HOME", "TOKENIZERS_PARALLELISM", "KEYBOARD", "", "user", "com.docker.compose.project"),
    ],
)
def test_an_ordinary_name_is_left_alone(name: str) -> None:
    assert not names_a_secret(name)


@pytest.mark.parametrize("value", ["", "yes", "true", "0", "${DB_PASSWORD}", "$DB_PASSWORD", "/run/secrets/db"])
def test_a_switch_or_a_reference_is_no_secret_whatever_its_name(value: str) -> None:
    assert why_secret("DB_PASSWORD", value) is None


def test_a_path_to_credentials_is_no_secret_and_a_password_that_begins_with_a_slash_is() -> None:
    assert why_secret("GOOGLE_APPLICATION_CREDENTIALS", "/etc/key.json") is None
    assert why_secret("GOOGLE_APPLICATION_CREDENTIALS", '{"key": "x"}') is not None
    assert why_secret("DB_PASSWORD", "/hunter2") is not None


def test_a_number_of_tokens_is_no_secret_but_a_pin_is() -> None:
    assert why_secret("MAX_TOKENS", "4096") is None
    assert why_secret("DB_PASSWORD", "1234") is not None


@pytest.mark.parametrize("value", TOKENS)
def test_a_known_kind_of_secret_is_found_under_any_name(value: str) -> None:
    hint = hints_in_environment([f"HARMLESS={value}"])[0]
    assert (hint.place, hint.name) == ("env", "HARMLESS")
    assert value not in repr(hint)


@pytest.mark.parametrize(
    "value", ["https://example.org:8443/a@b", "http://proxy:3128", "user@host", "sha256:abc", "eyJ", "AKIA"]
)
def test_an_ordinary_value_is_no_secret(value: str) -> None:
    assert why_secret("HARMLESS", value) is None


def test_a_variable_whose_name_is_itself_a_token_is_not_named() -> None:
    hints = hints_in_environment(["ghp_0123456789abcdefghijABCDEFGHIJ012345=x", "ODD NAME TOKEN=x"])
    assert {hint.name for hint in hints} <= {"(unusual name)"}


@pytest.mark.parametrize("pattern", [pattern for _, pattern in redaction._VALUES])
@settings(max_examples=20)
@given(data=st.data())
def test_what_is_looked_for_first_is_in_every_known_kind(pattern: re.Pattern[str], data: st.DataObject) -> None:
    value = data.draw(st.from_regex(pattern))
    assert redaction._OF_VALUES.search(value)
    assert why_secret("", value) is not None


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["run", "--password=hunter2"], "--password"),
        (["run", "--password", "hunter2"], "--password"),
        (["env", "DB_PASSWORD=hunter2", "run"], "DB_PASSWORD"),
        (["sh", "-c", "exec run --api-key='hunter2' --fast"], "--api-key"),
        (["sh", "-c", "run --token hunter2 && wait"], "--token"),
        (["psql", "postgres://app:hunter2@db/shop"], "argument"),
    ],
)
def test_a_secret_in_a_command_line_is_named_by_its_flag(words: list[str], name: str) -> None:
    hints = hints_in_command(words)
    assert [hint.name for hint in hints] == [name]
    assert "hunter2" not in repr(hints)


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--password-file=/run/secrets/db"],
        ["run", "--password", "--fast"],
        ["sh", "-c", 'run --password="$DB_PASSWORD"'],
        ["redis-server", "--save", "60", "1"],
    ],
)
def test_a_command_line_without_a_secret_gives_no_hint(words: list[str]) -> None:
    assert hints_in_command(words) == ()


def test_labels_keep_their_names_and_lose_secret_values() -> None:
    labels, hints = redact_pairs({"api.token": "hunter2", "team": "shop", "url": TOKENS[6]}, place="label")
    assert labels == {"api.token": HIDDEN, "team": "shop", "url": HIDDEN}
    assert [(hint.place, hint.name) for hint in hints] == [("label", "api.token"), ("label", "url")]


@pytest.mark.parametrize(
    "message",
    [
        'exec: "mysql -phunter2": executable file not found in $PATH',
        "login failed: password=hunter2 for bob",
        "login failed: --password hunter2",
        'bad config {"password": "hunter2"}',
        "Authorization: Bearer hunter2hunter2",
        "cannot reach postgres://app:hunter2@db/shop now",
        "GITLAB_TOKEN: hunter2",
    ],
)
def test_free_text_loses_what_looks_like_a_secret(message: str) -> None:
    assert "hunter2" not in redact_text(message)


def test_free_text_keeps_what_helps() -> None:
    message = 'exec: "/no/such/program": stat /no/such/program: no such file or directory: unknown'
    assert redact_text(message) == message


def test_free_text_loses_the_containers_own_values_and_the_longest_first() -> None:
    assert redact_text("bad value correct-horse-battery", known=["correct", "correct-horse-battery"]) == "bad value (…)"


def test_free_text_is_cut_after_it_is_redacted() -> None:
    text = redact_text("x" * 290 + " password=hunter2" + "y" * 500)
    assert len(text) <= 300
    assert "hunt" not in text


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=3))
def test_no_text_makes_redaction_raise(text: str, known: list[str]) -> None:
    redact_text(text, known=known)
    hints_in_command([text, *known])
    hints_in_environment([text])


@given(st.sampled_from(TOKENS), st.text(alphabet=" abc;,\n", max_size=10), st.text(alphabet=" ;,\n", max_size=10))
def test_a_known_kind_of_secret_never_survives_in_free_text(token: str, before: str, after: str) -> None:
    assert token not in redact_text(f"{before} {token} {after}")
