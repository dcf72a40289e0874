"""The package behind keyless verification: out of sight until it is used, and nothing it raises comes through."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from fleet.trust import sigstore_library
from fleet.trust.sigstore_library import NotProvenError, UnavailableError, available, proven, public_good
from fleet.trust.sigstore_root import read_sigstore_root
from tests.fleet.trust.publishers import statement
from tests.fleet.trust.sigstores import IDENTITY, ISSUER, Sigstore


def test_nobody_waits_for_the_package_who_does_not_use_it() -> None:
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'dashboard.settings'; django.setup();"
        "import fleet.proving, fleet.tasks, dashboard.urls, fleet.management.commands.trust;"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in {'sigstore', 'tuf', 'rekor_types'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_trusted_root_is_one_that_can_be_pinned() -> None:
    found = read_sigstore_root(public_good())
    told = [what for what, _ in found.fingerprints()]
    assert any(what.startswith("authority ") and "sigstore" in what for what in told)
    assert "log https://rekor.sigstore.dev" in told
    with pytest.raises(NotProvenError):
        proven(found.text(), b"{}", identity=IDENTITY, issuer=ISSUER)


def test_without_the_package_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigstore", None)
    with pytest.raises(UnavailableError, match=r"pip install -r requirements-keyless\.txt"):
        public_good()


def test_a_trusted_root_that_the_package_does_not_take_says_nothing_of_any_image() -> None:
    document = Sigstore().trusted_root()
    document["tlogs"][0]["hashAlgorithm"] = "MD5"
    with pytest.raises(UnavailableError, match=r"does not take this trusted root: .*tlogs"):
        available(json.dumps(document))


class PanicException(BaseException):
    """What a broken rule in a parser in Rust is in Python."""


class SoftTimeLimitExceeded(Exception):  # noqa: N818 - as Celery has it
    __module__ = "billiard.exceptions"


class _Raising:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def verify_dsse(self, *_: object) -> None:
        raise self.error


def _prove(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    sigstore = Sigstore()
    bundle = json.dumps(sigstore.sign(statement("sha256:" + "a" * 64))).encode()
    monkeypatch.setattr(sigstore_library, "_verifier", lambda _: _Raising(error))
    proven(sigstore.pinned(), bundle, identity=IDENTITY, issuer=ISSUER)


@pytest.mark.parametrize("error", [ValueError("a\nb"), KeyError(), RecursionError(), PanicException("index")])
def test_whatever_the_package_raises_proves_nothing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    with pytest.raises(NotProvenError) as found:
        _prove(monkeypatch, error)
    assert str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), SoftTimeLimitExceeded()])
def test_the_end_of_a_task_is_no_answer_of_the_package(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    with pytest.raises(type(error)):
        _prove(monkeypatch, error)
