from __future__ import annotations

from fleet.readiness.rules.runtime.image_format_obsolete import ImageFormatObsolete
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import image_subject

RULE = ImageFormatObsolete()


def test_schema_1_fails_highly() -> None:
    outcome = RULE.judge(image_subject(media_type="application/vnd.docker.distribution.manifest.v1+prettyjws"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.HIGH)


def test_dockers_own_format_is_worth_a_note() -> None:
    outcome = RULE.judge(image_subject(media_type="application/vnd.docker.distribution.manifest.v2+json"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.INFO)


def test_a_store_that_does_not_tell_is_unknown() -> None:
    assert RULE.judge(image_subject(media_type=None)).status is Status.UNKNOWN


def test_a_format_that_nobody_knows_is_unknown_and_no_blind_spot() -> None:
    outcome = RULE.judge(image_subject(media_type="application/vnd.acme.image"))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, False)


def test_the_ocis_format_passes() -> None:
    assert RULE.judge(image_subject(media_type="application/vnd.oci.image.index.v1+json")).status is Status.PASS
