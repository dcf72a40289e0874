"""Root keys that a server shows: read, and believed by nobody."""

from __future__ import annotations

import json

import pytest

from fleet.trust.states import Failure
from fleet.trust.tuf.candidate import candidate
from tests.fleet.trust.notary_publisher import NotaryPublisher
from tests.fleet.trust.publishers import new_key, public


def test_the_keys_of_the_root_role_are_shown_with_what_stands_beside_them() -> None:
    keys = [new_key(), new_key()]
    publisher = NotaryPublisher(root_keys=list(keys), root_threshold=2).publish()
    found = candidate(publisher.files["root"])
    assert {one.fingerprint for one in found.keys} == {public(key).fingerprint for key in keys}
    assert (found.version, found.threshold) == (1, 2)


def test_a_root_that_its_own_keys_did_not_sign_is_no_candidate() -> None:
    publisher = NotaryPublisher(signers={"root": [new_key()]}).publish()
    with pytest.raises(Failure):
        candidate(publisher.files["root"])


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", json.dumps({"signed": {}, "signatures": []}).encode()])
def test_what_is_no_root_is_no_candidate(raw: bytes) -> None:
    with pytest.raises(Failure):
        candidate(raw)
