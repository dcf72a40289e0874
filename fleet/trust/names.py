"""Names of images and repositories, as far as they may go into an address: whoever starts a container chooses them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fleet.inventory import ImageReference
from fleet.trust.errors import Refused

# The grammar of github.com/distribution/reference, without upper case in host names: a scope must have one spelling.
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[0-9]{1,5})?")
_SEGMENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LONGEST = 255
_LATEST = "latest"


@dataclass(frozen=True, slots=True)
class ImageName:
    """`registry/path:tag@digest`, each part checked; `tag` is None only where a digest stands alone."""

    registry: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def repository(self) -> str:
        """With the registry, as scopes and Notary's GUNs have it: `registry.internal/team/web`."""
        return f"{self.registry}/{self.path}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}{'@' + self.digest if self.digest else ''}"


def parse(text: str | None) -> ImageName | None:
    """The name as the engine reads it, `latest` where it has neither tag nor digest; None for an ID, which names
    nothing. Raises Refused for what no registry could hold.
    """
    # A cap of its own: the reference is kept in a cache, and read by a partition at a time.
    if text is not None and len(text) > 4 * _LONGEST:
        raise Refused("the image's name is too long for one")
    reference = ImageReference.parse(text)
    if reference is None:
        return None
    tag = reference.tag or (None if reference.digest else _LATEST)
    return checked(ImageName(reference.registry, reference.repository, tag, reference.digest))


def checked(name: ImageName) -> ImageName:
    """The same name. Raises Refused where one of its parts is none."""
    for part, pattern, value in (
        ("registry", _HOST, name.registry),
        ("repository", _REPOSITORY, name.path),
        ("tag", _TAG, name.tag),
        ("digest", _DIGEST, name.digest),
    ):
        if value is not None and not pattern.fullmatch(value):
            raise Refused(f"{value[:80]!r} is no {part} of an image")
    if len(name.repository) > _LONGEST:
        raise Refused("the image's name is too long for one")
    return name


def is_digest(text: object) -> bool:
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """`registry.internal`, `127.0.0.1:5000`; lower case, no scheme, no path."""
    return _HOST.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """`team/web`, without registry and tag."""
    return _REPOSITORY.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """`1.4.2`, `latest`."""
    return _TAG.fullmatch(text) is not None
