"""TLS credentials, looked over before they are sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from fleet.registration.credentials import MOST_BYTES, look_over, read_tls_dir
from fleet.registration.errors import RegistrationError
from fleet.transport import TlsMaterial
from tests.builders import NOW
from tests.fleet.registration.pem import folder, key_text, material


def test_a_key_of_another_certificate_is_refused() -> None:
    mixed = replace(material(), key=material().key)
    with pytest.raises(RegistrationError, match="not that of the certificate") as refusal:
        look_over(mixed, now=NOW)
    assert refusal.value.field == "key"


@pytest.mark.parametrize("field", ["ca", "certificate", "key"])
@pytest.mark.parametrize(
    "text", ["garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\x00", "ä"]
)
def test_what_is_not_pem_is_refused_by_its_name_and_not_repeated(field: str, text: str) -> None:
    with pytest.raises(RegistrationError, match="in PEM") as refusal:
        look_over(replace(material(), **{field: text}), now=NOW)
    assert refusal.value.field == field
    assert "AAAA" not in str(refusal.value)


def test_an_encrypted_key_is_refused_with_the_way_to_open_it() -> None:
    locked = key_text(ec.generate_private_key(ec.SECP256R1()), b"secret")
    with pytest.raises(RegistrationError, match="openssl pkey"):
        look_over(replace(material(), key=locked), now=NOW)


@pytest.mark.parametrize(("gone", "missing"), [("key", "key"), ("certificate", "certificate")])
def test_half_of_a_pair_is_refused(gone: str, missing: str) -> None:
    with pytest.raises(RegistrationError, match=f"client's {missing} is missing"):
        look_over(replace(material(), **{gone: None}), now=NOW)


def test_an_expired_certificate_is_warned_of_with_its_day() -> None:
    old = material(expires=NOW - timedelta(hours=1))
    assert any("client's certificate expired on 2026-11-24" in warning for warning in look_over(old, now=NOW))


def test_a_certificate_of_the_future_is_warned_of() -> None:
    early = material(begins=NOW + timedelta(days=1))
    assert any("not valid before 2026-11-25" in warning for warning in look_over(early, now=NOW))


def test_good_credentials_and_a_ca_alone_raise_no_warning() -> None:
    good = material()
    assert look_over(good, now=NOW) == ()
    assert look_over(TlsMaterial(ca=good.ca), now=NOW) == ()


def test_a_folder_is_read_as_docker_keeps_it(tmp_path: Path) -> None:
    good = material()
    assert read_tls_dir(folder(tmp_path / "tls", good)) == good


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistrationError, match="nowhere is not a folder"):
        read_tls_dir(tmp_path / "nowhere")


def test_every_missing_file_is_named(tmp_path: Path) -> None:
    tls = folder(tmp_path / "tls", material())
    (tls / "cert.pem").unlink()
    (tls / "key.pem").unlink()
    with pytest.raises(RegistrationError, match=r"has no cert\.pem and no key\.pem"):
        read_tls_dir(tls)


@pytest.mark.parametrize(("content", "why"), [(b"\xff\xfe", "not PEM text"), (b"x" * (MOST_BYTES + 1), "larger than")])
def test_a_file_that_is_no_text_or_huge_is_refused(content: bytes, why: str, tmp_path: Path) -> None:
    tls = folder(tmp_path / "tls", material())
    (tls / "key.pem").write_bytes(content)
    with pytest.raises(RegistrationError, match=why):
        read_tls_dir(tls)
