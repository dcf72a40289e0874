from __future__ import annotations

from fleet.engines.reading.options import redact_options
from fleet.engines.reading.redaction import HIDDEN


def test_mount_options_lose_password_and_user_name_and_keep_the_rest() -> None:
    options, hints = redact_options(
        {"type": "cifs", "device": "//nas/share", "o": "addr=10.0.0.9,username=bob,password=hunter2,vers=3.0,soft"}
    )
    assert options["o"] == f"addr=10.0.0.9,username={HIDDEN},password={HIDDEN},vers=3.0,soft"
    assert options["device"] == "//nas/share"
    assert hints == ("o:password",)


def test_a_comma_in_a_password_does_not_leave_its_tail() -> None:
    options, _ = redact_options({"o": "password=hunter2,tail,nfsvers=4,hard"})
    assert options["o"] == f"password={HIDDEN},nfsvers=4,hard"


def test_the_bind_flag_of_a_local_volume_survives() -> None:
    given = {"type": "none", "device": "/etc", "o": "bind"}
    assert redact_options(given) == (given, ())


def test_a_drivers_own_password_option_is_dropped_and_named() -> None:
    options, hints = redact_options({"username": "bob", "Password": "hunter2", "size": "10GiB"})
    assert options == {"username": HIDDEN, "Password": HIDDEN, "size": "10GiB"}
    assert hints == ("Password",)


def test_a_device_that_carries_a_password_is_dropped() -> None:
    for device in ("//bob:hunter2@nas/share", "https://bob:hunter2@dav.example.org/x"):
        options, hints = redact_options({"device": device})
        assert options == {"device": HIDDEN}
        assert hints == ("device",)


def test_a_file_with_credentials_is_the_remedy_and_no_secret() -> None:
    options, hints = redact_options({"o": "addr=10.0.0.9,credentials=/etc/cifs/bob"})
    assert options == {"o": f"addr=10.0.0.9,credentials={HIDDEN}"}
    assert hints == ()
