from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from dashboard.env import Environment, SettingError, writable_folder

env = Environment()


def test_a_word_is_not_a_whole_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADLINE_SWEEP_SECONDS", "abc")
    with pytest.raises(SettingError, match=r"^LOADLINE_SWEEP_SECONDS=abc is not a whole number$"):
        env.whole_number("LOADLINE_SWEEP_SECONDS", 30, least=5, most=100)


@pytest.mark.parametrize("given", ["4", "101"])
def test_a_number_outside_its_range_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("LOADLINE_SWEEP_SECONDS", given)
    with pytest.raises(SettingError, match=rf"^LOADLINE_SWEEP_SECONDS={given} is not between 5 and 100$"):
        env.whole_number("LOADLINE_SWEEP_SECONDS", 30, least=5, most=100)


@pytest.mark.parametrize("given", ["", "  "])
def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("LOADLINE_SWEEP_SECONDS", given)
    assert env.whole_number("LOADLINE_SWEEP_SECONDS", 30, least=5, most=100) == 30


def test_a_flag_that_is_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(SettingError, match=r"^DEBUG=maybe is not yes or no"):
        env.flag("DEBUG")


@pytest.mark.parametrize(
    ("given", "meant"), [("1", True), ("yes", True), ("On", True), ("0", False), ("FALSE", False), ("", False)]
)
def test_a_flag_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch, given: str, meant: bool) -> None:
    monkeypatch.setenv("DEBUG", given)
    assert env.flag("DEBUG") is meant


def test_any_setting_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "seconds").write_text("45\n")
    monkeypatch.setenv("LOADLINE_SWEEP_SECONDS_FILE", str(tmp_path / "seconds"))
    assert env.whole_number("LOADLINE_SWEEP_SECONDS", 30, least=5, most=100) == 45


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_settings_file_that_holds_no_text_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "seconds").write_bytes(content)
    monkeypatch.setenv("LOADLINE_SWEEP_SECONDS_FILE", str(tmp_path / "seconds"))
    with pytest.raises(SettingError, match=r"^LOADLINE_SWEEP_SECONDS_FILE=.*seconds is not a readable file$"):
        env.whole_number("LOADLINE_SWEEP_SECONDS", 30, least=5, most=100)


def test_a_comma_list_may_have_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", " one.example , two.example,")
    assert env.words("ALLOWED_HOSTS") == ["one.example", "two.example"]


def test_a_choice_that_is_not_on_offer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(SettingError, match=r"^LOG_FORMAT=xml is not one of text, json$"):
        env.one_of("LOG_FORMAT", "text", ("text", "json"))


def test_a_refused_database_address_does_not_show_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://me:hush@db/loadline")
    with pytest.raises(SettingError, match=r"^DATABASE_URL begins with mysql, wanted one of") as caught:
        env.database("DATABASE_URL", "")
    assert "hush" not in str(caught.value)


def test_a_database_address_with_a_bad_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:hush@db:port/loadline")
    with pytest.raises(SettingError, match=r"^DATABASE_URL is not a database address") as caught:
        env.database("DATABASE_URL", "")
    assert "hush" not in str(caught.value)


def test_a_broker_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "kafka://:hush@queue")
    with pytest.raises(SettingError, match=r"^CELERY_BROKER_URL begins with kafka, wanted one of") as caught:
        env.broker("CELERY_BROKER_URL", "")
    assert "hush" not in str(caught.value)


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "given").write_text("from a file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "given"))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert env.secret("SECRET_KEY", keep_in=tmp_path / "kept", make=lambda: "made") == "from a file"
    assert not (tmp_path / "kept").exists()


def test_a_secrets_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingError, match=r"^SECRET_KEY_FILE=.*nowhere is not a readable file$"):
        env.secret("SECRET_KEY", keep_in=tmp_path / "kept", make=lambda: "made")


def test_a_secret_nobody_gave_is_made_once_and_kept_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    kept = tmp_path / "secret-key"
    first = env.secret("SECRET_KEY", keep_in=kept, make=lambda: "first")
    second = env.secret("SECRET_KEY", keep_in=kept, make=lambda: "second")
    assert (first, second) == ("first", "first")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [kept]


def test_a_secret_that_can_be_neither_found_nor_kept_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(SettingError, match=r"^SECRET_KEY is not set, and .* cannot keep a generated one"):
        env.secret("SECRET_KEY", keep_in=tmp_path / "missing" / "secret-key", make=lambda: "made")


def test_a_sealing_key_of_the_wrong_kind_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOADLINE_SEALING_KEYS", f"{Fernet.generate_key().decode()},hush")
    with pytest.raises(SettingError, match=r"^LOADLINE_SEALING_KEYS: key 2 of 2 is not") as caught:
        env.sealing_keys("LOADLINE_SEALING_KEYS", keep_in=tmp_path / "kept")
    assert "hush" not in str(caught.value)


def test_generated_sealing_keys_open_what_they_sealed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LOADLINE_SEALING_KEYS", raising=False)
    (key,) = env.sealing_keys("LOADLINE_SEALING_KEYS", keep_in=tmp_path / "kept")
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"^LOADLINE_DATA=.*file cannot be used"):
        writable_folder("LOADLINE_DATA", tmp_path / "file")


def test_a_new_data_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    made = writable_folder("LOADLINE_DATA", tmp_path / "data")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def mail(monkeypatch: pytest.MonkeyPatch, given: str) -> dict[str, object]:
    monkeypatch.setenv("EMAIL_URL", given)
    return env.mail("EMAIL_URL")


def test_without_a_mail_server_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    assert env.mail("EMAIL_URL") == {}


@pytest.mark.parametrize(
    ("given", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp://mail.example.org:2525", 2525, False, False),
        ("submission://mail.example.org", 587, True, False),
        ("smtps://mail.example.org", 465, False, True),
    ],
)
def test_the_scheme_of_a_mail_server_says_how_it_is_spoken_to(
    monkeypatch: pytest.MonkeyPatch, given: str, port: int, starttls: bool, tls: bool
) -> None:
    found = mail(monkeypatch, given)
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, starttls, tls)


def test_user_and_password_of_a_mail_server_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = mail(monkeypatch, "submission://me%40example.org:h%2Fsh@mail.example.org")
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me@example.org", "h/sh")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("mail.example.org", "EMAIL_URL begins with no scheme, wanted one of console, smtp, smtps, submission"),
        ("imap://mail.example.org", "EMAIL_URL begins with imap, wanted one of console, smtp, smtps, submission"),
        ("submission://", "EMAIL_URL names no server, wanted submission://user:password@mail.example.org"),
        ("smtp://mail.example.org:smtp", "EMAIL_URL: the port is not a number from 1 to 65535"),
        ("smtp://:hush@mail.example.org", "EMAIL_URL has a password and no user"),
        ("smtp://me:hu/sh@mail.example.org", "EMAIL_URL"),
        ("smtp://mail.example.org/?tls=yes", "EMAIL_URL has something behind the server's name"),
    ],
)
def test_what_is_wrong_with_a_mail_server_is_named_and_never_its_password(
    monkeypatch: pytest.MonkeyPatch, given: str, sentence: str
) -> None:
    with pytest.raises(SettingError) as caught:
        mail(monkeypatch, given)
    assert str(caught.value).startswith(sentence)
    assert "hush" not in str(caught.value)
    assert "hu/sh" not in str(caught.value)


def test_who_can_mail_must_say_who_sends_and_where_links_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EMAIL_FROM", "LOADLINE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert (env.sender("EMAIL_FROM", needed=""), env.site("LOADLINE_URL", needed="")) == ("", "")
    with pytest.raises(SettingError, match=r"^EMAIL_FROM is not set, and EMAIL_URL is"):
        env.sender("EMAIL_FROM", needed="EMAIL_URL")
    with pytest.raises(SettingError, match=r"^LOADLINE_URL is not set, and EMAIL_URL is"):
        env.site("LOADLINE_URL", needed="EMAIL_URL")
    monkeypatch.setenv("EMAIL_FROM", "Loadline")
    with pytest.raises(SettingError, match=r"^EMAIL_FROM=Loadline is not an address"):
        env.sender("EMAIL_FROM", needed="EMAIL_URL")
    monkeypatch.setenv("LOADLINE_URL", "loadline.example.org")
    with pytest.raises(SettingError, match=r"^LOADLINE_URL=loadline\.example\.org is not an address"):
        env.site("LOADLINE_URL", needed="EMAIL_URL")


def test_a_site_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADLINE_URL", "https://loadline.example.org/fleet/")
    assert env.site("LOADLINE_URL", needed="") == "https://loadline.example.org/fleet"
