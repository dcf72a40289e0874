"""The one place that calls the `sigstore` package, which is optional, slow to import, and kept off the network."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sigstore.verify import Verifier

#: Ends of tasks, which are no answer of the library.
_NOT_ITS: Final = ("billiard", "celery")
_PUBLIC_GOOD: Final = "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"
REMEDY: Final = (
    "what is signed without a key is verified by a package that is not installed (docs/trust.md): "
    ".venv/bin/python -m pip install -r requirements-keyless.txt"
)


class UnavailableError(Exception):
    """Nothing can be verified; `str()` is why and what to do, without capital and full stop."""


class NotProvenError(Exception):
    """`str()` is what the library says of it, on one line."""


def available(trusted_root: str) -> None:
    """Raises UnavailableError where the package is missing, or does not take the trusted root."""
    _verifier(trusted_root)


def proven(trusted_root: str, bundle: bytes, *, identity: str, issuer: str) -> tuple[str, bytes]:
    """(type, payload) of the envelope in the bundle, of which everything was proven up to the trusted root: who signed,
    that the authority said so at that time, that its log of certificates and the log of signatures have it.

    The library judges certificates at the time of the log or of the clock that signed it, and asks this machine's clock
    for one thing: a key of the trusted root whose period has not begun is not used.

    Raises UnavailableError, and NotProvenError for whatever the library raises.
    """
    verifier = _verifier(trusted_root)
    from sigstore.models import Bundle
    from sigstore.verify.policy import Identity

    try:
        return verifier.verify_dsse(Bundle.from_json(bundle), Identity(identity=identity, issuer=issuer))
    except BaseException as error:
        if not _is_its(error):
            raise
        raise NotProvenError(_said(error)) from None


def public_good() -> str:
    """The trusted root of the public Sigstore, as this version of the package has it. Raises UnavailableError."""
    _must_be_installed()
    return resources.files("sigstore").joinpath("_store", _PUBLIC_GOOD, "trusted_root.json").read_text()


@lru_cache(maxsize=16)
def _verifier(trusted_root: str) -> Verifier:
    _must_be_installed()
    try:
        from sigstore.models import TrustedRoot
        from sigstore.verify import Verifier
        from sigstore_models.trustroot.v1 import TrustedRoot as Document

        # As its `from_file` does, without a file.
        return Verifier(trusted_root=TrustedRoot(Document.from_json(trusted_root)))
    except BaseException as error:
        if not _is_its(error):
            raise
        raise UnavailableError(f"the sigstore package does not take this trusted root: {_said(error)}") from None


def _must_be_installed() -> None:
    try:
        import sigstore  # noqa: F401 - whether it is there
    except ImportError:
        raise UnavailableError(REMEDY) from None


def _is_its(error: BaseException) -> bool:
    """Whether the library raised it. A broken rule of its parsers in Rust is no Exception in Python, and one bundle may
    not end the run for all others.
    """
    if type(error).__name__ == "PanicException":
        return True
    return isinstance(error, Exception) and not type(error).__module__.startswith(_NOT_ITS)


def _said(error: BaseException) -> str:
    # What follows in brackets is pydantic's: the very value that was wrong, and an address on the web.
    text = str(error).partition(" [type=")[0]
    return " ".join((text or type(error).__name__).split())[:200].rstrip(".")
