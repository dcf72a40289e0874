from __future__ import annotations

import re

import pytest

from fleet.simulation.identifiers import engine_id, hex_id, moment, second, spoken, swarm_id


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "Less than a second"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "About a minute"),
        (125, "2 minutes"),
        (46 * 60, "46 minutes"),
        (59 * 60, "59 minutes"),
        (3600, "About an hour"),
        (47.4 * 3600, "47 hours"),
        (48 * 3600, "2 days"),
        (13 * 86400, "13 days"),
        (14 * 86400, "2 weeks"),
        (60 * 86400, "2 months"),
        (730 * 86400, "2 years"),
    ],
)
def test_a_duration_is_worded_as_the_engine_words_it(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


def test_names_have_the_forms_of_an_engine_and_are_the_same_on_every_run() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", hex_id("a", "b"))
    assert re.fullmatch(r"[0-9a-z]{25}", swarm_id("a"))
    assert re.fullmatch(r"([A-Z2-7]{4}:){11}[A-Z2-7]{4}", engine_id("a"))
    assert hex_id("a", "b") != hex_id("ab")
    assert hex_id("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


def test_times_are_rfc_3339() -> None:
    assert moment(1_795_000_000.5) == "2026-11-18T11:06:40.500000007Z"
    assert second(1_795_000_000.9) == "2026-11-18T11:06:40Z"
