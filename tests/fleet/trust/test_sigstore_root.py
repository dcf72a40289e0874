from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from fleet.trust.errors import UnusableKey
from fleet.trust.keys import PublicKey
from fleet.trust.sigstore_root import read_sigstore_root
from tests.fleet.trust.publishers import b64, new_key
from tests.fleet.trust.sigstores import Sigstore

SIGSTORE = Sigstore()
DOCUMENT = SIGSTORE.trusted_root()


def test_it_is_kept_in_one_spelling_whatever_stood_around_it() -> None:
    found = read_sigstore_root(json.dumps(DOCUMENT, indent=4))
    assert found.text() == read_sigstore_root(json.dumps(DOCUMENT)).text() == read_sigstore_root(found.text()).text()
    assert json.loads(found.text()) == DOCUMENT


def test_the_key_of_each_authority_and_log_is_told() -> None:
    told = dict(read_sigstore_root(json.dumps(DOCUMENT)).fingerprints())
    keys = {
        "authority CN=intermediate,O=sigstore.internal": SIGSTORE.authority.key,
        "authority CN=root,O=sigstore.internal": SIGSTORE.authority.root_key,
        "log https://rekor.internal": SIGSTORE.log.key,
        "log of certificates https://ctfe.internal": SIGSTORE.ct_key,
    }
    assert told == {what: PublicKey.of(key.public_key()).fingerprint for what, key in keys.items()}


def _changed(*path: Any, to: Any = None) -> str:
    """With another value there, or without it."""
    document = copy.deepcopy(DOCUMENT)
    inside: Any = document
    for step in path[:-1]:
        inside = inside[step]
    if to is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = to
    return json.dumps(document)


SECRET = new_key().private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON"),
        ("[]", "no JSON"),
        ("[" * 50_000, "no JSON"),
        ('{"mediaType": "a", "mediaType": "b"}', "no JSON"),
        ("\ud800", "no text"),
        ("{}", "no trusted root"),
        (" " * 70_000, "too long"),
        (_changed("mediaType", to="application/json"), "mediaType is another"),
        (_changed("tlogs", to=[]), "at tlogs"),
        (_changed("ctlogs"), "no trusted root"),
        (_changed("certificateAuthorities", to=[]), "at certificateAuthorities"),
        (_changed("certificateAuthorities", 0, "certChain", "certificates", to=[]), "certChain.certificates"),
        (_changed("revoked", to=True), "no trusted root"),
        (_changed("tlogs", 0, "revoked", to=True), "at tlogs"),
        (_changed("tlogs", 0, "publicKey", "rawBytes", to="?"), r"at tlogs\[0\].publicKey.rawBytes"),
        (_changed("tlogs", 0, "publicKey", "rawBytes", to=b64(b"no key")), "no public key"),
        (_changed("tlogs", 0, "publicKey", "rawBytes", to=b64(SECRET)), "no public key"),
        (_changed("tlogs", 0, "publicKey", "keyDetails", to="PKIX_ML_DSA"), "publicKey.keyDetails"),
        (_changed("tlogs", 0, "publicKey", "keyDetails", to="PKIX_ED25519"), "another kind than it says"),
        (_changed("ctlogs", 0, "publicKey", "validFor", to={"start": "2020-01-01T00:00:00"}), "validFor.start"),
        (_changed("tlogs", 0, "baseUrl", to="-----BEGIN EC PRIVATE KEY-----"), "private key"),
    ],
)
def test_what_is_none_is_refused_with_its_place_and_without_what_was_pasted(text: str, why: str) -> None:
    with pytest.raises(UnusableKey, match=why) as refused:
        read_sigstore_root(text)
    assert b64(SECRET)[:20] not in str(refused.value)
    assert "revoked" not in str(refused.value)
