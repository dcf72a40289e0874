"""The one place that calls the `sigstore` package, which is optional, slow to import, and kept off the network."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sigstore.verify import Verifier

#: Ends of tasks, which are no answer of the library.
_NOT_OURS: Final = ("billiard", "celery")
_PUBLIC_GOOD: Final = "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"
REMEDY: Final = (
    "What is signed without a key is verified by a package that is not installed (docs/trust.md): "
    ".venv/bin/python -m pip install -r requirements-keyless.txt"
)


class NotInstalledError(Exception):
    """`str()` is what to do."""


class NotProvenError(Exception):
    """`str()` is what the library says of it, on one line."""


def installed() -> None:
    """Raises NotInstalledError."""
    try:
        import sigstore  # noqa: F401 - whether it is there
    except ImportError:
        raise NotInstalledError(REMEDY) from None


def proven(trusted_root: str, bundle: bytes, *, identity: str, issuer: str) -> tuple[str, bytes]:
    """(type, payload) of the envelope in the bundle, of which everything was proven up to the trusted root: who signed,
    that the authority said so at that time, that its log of certificates and the log of signatures have it.

    The library judges certificates at the time of the log or of the clock that signed it, and asks this machine's clock
    for one thing: a key of the trusted root whose period has not begun is not used.

    Raises NotInstalledError and NotProvenError, whatever the library raises.
    """
    verifier = _verifier(trusted_root)
    from sigstore.models import Bundle
    from sigstore.verify.policy import Identity

    try:
        return verifier.verify_dsse(Bundle.from_json(bundle), Identity(identity=identity, issuer=issuer))
    except BaseException as error:
        raise _not_proven(error) from None


def public_good() -> str:
    """The trusted root of the public Sigstore, as this version of the package has it. Raises NotInstalledError."""
    installed()
    return resources.files("sigstore").joinpath("_store", _PUBLIC_GOOD, "trusted_root.json").read_text()


@lru_cache(maxsize=16)
def _verifier(trusted_root: str) -> Verifier:
    installed()
    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier

    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trusted_root.json"
            path.write_text(trusted_root)
            return Verifier(trusted_root=TrustedRoot.from_file(str(path)))
    except BaseException as error:
        raise _not_proven(error) from None


def _not_proven(error: BaseException) -> Any:
    """What it raised, as ours; raises it where it is none of the library's.

    A broken rule of its parsers in Rust is no Exception in Python, and one bundle may not end the run for all others.
    """
    if type(error).__name__ != "PanicException" and (
        not isinstance(error, Exception) or type(error).__module__.startswith(_NOT_OURS)
    ):
        raise error
    # What follows in brackets is pydantic's: the very value that was wrong, and an address on the web.
    said = str(error).partition(" [type=")[0]
    return NotProvenError(" ".join((said or type(error).__name__).split())[:200].rstrip("."))
