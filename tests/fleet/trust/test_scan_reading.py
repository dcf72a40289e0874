"""Whatever is sent as a report: a scan of one image, or a sentence with the remedy; no crash, and no hang."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.trust.names import is_digest
from fleet.trust.scan import MOST_KEPT, MOST_REPORT, Scan, UnreadableReportError
from fleet.trust.scan_reading import read_scan
from tests.builders import NOW
from tests.fleet.trust.scanners import grype, grype_document, grype_hole, trivy, trivy_document, trivy_hole

_QUIET = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def refusal(body: bytes) -> str:
    with pytest.raises(UnreadableReportError) as caught:
        read_scan(body, NOW)
    return str(caught.value)


def test_each_scanner_is_known_by_what_it_writes() -> None:
    assert read_scan(trivy(), NOW).scanner == "trivy"
    assert read_scan(grype(), NOW).scanner == "grype"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"trivy: command not found", "no report"),
        (b"[]", "no report"),
        (b"\xff\xfe", "no report"),
        (b"{}", "no report of Trivy or Grype"),
        (b'{"bomFormat": "CycloneDX"}', "list of parts"),
        (b'{"spdxVersion": "SPDX-2.3"}', "list of parts"),
        (b'{"version": "2.1.0", "runs": []}', "SARIF"),
    ],
)
def test_what_is_no_report_is_refused_with_the_remedy(body: bytes, why: str) -> None:
    assert why in refusal(body)


def test_a_report_of_tomorrow_is_refused_and_one_of_a_clock_that_is_a_little_ahead_is_not() -> None:
    soon, later = NOW + timedelta(minutes=30), NOW + timedelta(hours=2)
    assert read_scan(trivy(CreatedAt=soon.isoformat()), NOW).made_at == soon
    assert "still to come" in refusal(trivy(CreatedAt=later.isoformat()))


def test_what_is_larger_than_any_report_is_not_read() -> None:
    assert "larger than 32 MiB" in refusal(b" " * (MOST_REPORT + 1))


@pytest.mark.parametrize(
    "body",
    [
        b'{"SchemaVersion":2,"x":' + b"[" * 1_000_000,
        b'{"SchemaVersion":2,"x":' + b'{"a":' * 1_000_000,
        b'{"matches":[' + b"{}," * 3_000_000 + b'{}],"descriptor":{}}',
        b'{"SchemaVersion":2,"Results":[{"Vulnerabilities":[' + b"{}," * 1_900_000 + b"{}]}]}",
        b'{"SchemaVersion":' + b"9" * 1_000_000 + b"}",
        b'{"SchemaVersion":2,"CreatedAt":"' + b"9" * 1_000_000 + b'"}',
    ],
)
def test_what_is_deep_or_long_is_refused_soon(body: bytes) -> None:
    began = time.monotonic()
    assert refusal(body)
    assert time.monotonic() - began < 10


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(document: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [place] if place else []
    if isinstance(document, dict | list):
        for key, inner in document.items() if isinstance(document, dict) else enumerate(document):
            found += _places(inner, (*place, key))
    return found


def _put(document: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        document = document[key]
    document[place[-1]] = value


def _sane(scan: Scan) -> None:
    """What every reader of a report may rely on."""
    assert is_digest(scan.image_id)
    assert all(is_digest(one) for one in scan.digests)
    assert scan.made_at.tzinfo is not None
    assert len(scan.worst) <= MOST_KEPT
    assert 0 <= scan.fixable <= scan.holes
    assert all(len(one.title) <= 255 and "\0" not in one.title for one in scan.worst)


@_QUIET
@given(st.data())
@pytest.mark.parametrize(
    "document",
    [lambda: trivy_document(trivy_hole()), lambda: grype_document(grype_hole())],
    ids=["trivy", "grype"],
)
def test_a_report_with_anything_in_it_is_read_or_refused(document: Callable[[], dict[str, Any]], data: Any) -> None:
    spoiled = document()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(_places(spoiled)))
        _put(spoiled, place, data.draw(_VALUES))
    with suppress(UnreadableReportError):
        _sane(read_scan(json.dumps(spoiled).encode(), NOW))


@_QUIET
@given(data=st.data(), body=st.sampled_from([trivy(trivy_hole()), grype(grype_hole())]))
def test_spoiled_bytes_are_read_or_refused(data: Any, body: bytes) -> None:
    spoiled = bytearray(body)
    for _ in range(data.draw(st.integers(1, 5))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spoiled)))
    for one in (bytes(spoiled), bytes(spoiled[:cut])):
        with suppress(UnreadableReportError):
            _sane(read_scan(one, NOW))


@_QUIET
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(UnreadableReportError):
        read_scan(body, NOW)
