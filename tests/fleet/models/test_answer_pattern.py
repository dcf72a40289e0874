from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fleet.models import AnswerPattern
from fleet.models.answer_pattern import Answer, Pattern, encoded
from tests.builders import NOW


def answer(rule: str, status: str = "pass", **evidence: Any) -> Answer:
    return Answer(rule, "network", "high", status, False, msgspec.Raw(encoded(evidence)), "")


def test_a_pattern_is_read_as_it_was_written() -> None:
    made = Pattern((answer("a", x=1, b=None), answer("b", "not-applicable", y=["é", True])))
    read = Pattern.read(made.text)
    assert (read.digest, read.shape, read.told) == (made.digest, made.shape, made.told)


def test_the_shape_leaves_evidence_out_and_the_digest_does_not() -> None:
    one, other = Pattern((answer("a", x=1),)), Pattern((answer("a", x=True),))
    assert one.shape == other.shape
    assert one.digest != other.digest
    assert Pattern((answer("a", "not-applicable", x=1),)).shape != one.shape


def test_what_no_reader_takes_is_made_readable() -> None:
    assert msgspec.json.decode(encoded({"half": "a\ud800b", "long": 10**30, "list": ("\udc00",)})) == {
        "half": "a\ufffdb",
        "long": 1e30,
        "list": ["\ufffd"],
    }


@pytest.mark.django_db
def test_a_pattern_that_is_there_already_is_left_as_it_is() -> None:
    pattern = Pattern((answer("a", x=1),))
    AnswerPattern.objects.all().add([pattern], NOW)
    AnswerPattern.objects.all().add([pattern, Pattern((answer("b"),))], NOW)
    assert AnswerPattern.objects.count() == 2
    assert AnswerPattern.objects.all().held([pattern.shape, 7]) == {pattern.shape: [pattern.digest]}
    assert AnswerPattern.objects.all().held([]) == {}
    assert AnswerPattern.objects.all().read([pattern.digest, 7])[pattern.digest].told == pattern.told
