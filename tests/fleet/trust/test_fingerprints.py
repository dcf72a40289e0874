"""Fingerprints as people tell them."""

from __future__ import annotations

import pytest

from fleet.trust.errors import Refused
from fleet.trust.fingerprints import groups, told

WHOLE = "0123456789abcdef" * 4
LAST = WHOLE[32:]


def test_a_fingerprint_is_sixteen_groups_of_four() -> None:
    assert groups(WHOLE)[:4] == ("0123", "4567", "89ab", "cdef")
    assert len(groups(WHOLE)) == 16


@pytest.mark.parametrize(
    "said",
    [
        WHOLE,
        WHOLE.upper(),
        " ".join(groups(WHOLE)),
        ":".join(groups(WHOLE)),
        f"SHA256:{WHOLE}",
        f"SHA-256 {WHOLE}",
        LAST,
        "-".join(groups(LAST)),
        f"  {LAST}\n",
    ],
)
def test_however_it_is_written_it_is_known(said: str) -> None:
    assert told(said, WHOLE)


@pytest.mark.parametrize("said", ["f" * 64, "f" * 32, WHOLE[:32][::-1], WHOLE[:-1] + "0"])
def test_another_one_is_not(said: str) -> None:
    assert not told(said, WHOLE)


@pytest.mark.parametrize("said", ["", "yes", WHOLE[:-4], LAST[4:], WHOLE[:32] + " g", "0" * 200, "\u0660" * 64])
def test_what_is_neither_whole_nor_the_last_eight_groups_is_refused(said: str) -> None:
    with pytest.raises(Refused, match="sixteen groups"):
        told(said, WHOLE)


def test_the_first_half_which_everybody_sees_proves_nothing() -> None:
    fingerprint = "a" * 32 + "b" * 32
    assert not told("a" * 32, fingerprint)
