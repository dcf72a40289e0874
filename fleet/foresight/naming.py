"""Real names in a remedy's text: what it calls NAME, data, app or registry.internal/web is a thing of this fleet."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Final

import yaml

from fleet.inventory.reference import ImageReference
from fleet.models import Container

Quote = Callable[[str], str]

#: The images that remedies speak of: one that is moved as it is, where it is moved to, and one that stays.
_IMAGES: Final = re.compile(
    r"(?P<moved>quay\.io/acme/web:1\.4|\bweb:local)"
    r"|registry\.internal/(?:acme|shop)/(?P<target>web:1\.4)(?:@sha256:…)?"
    r"|(?:registry\.internal|shop)/web(?P<tag>:[\d.]+\d)?(?P<digest>@sha256:…)?"
)
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_TEXT: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
#: Where it is not known which: what a person has to fill in.
IMAGE, VERSION = "IMAGE", "VERSION"


def one_line(text: str) -> str:
    """For a comment, which a line break would end."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def yaml_text(text: str) -> str:
    """A YAML scalar on one line, good for a key, that is read back as this very text."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', width=float("inf"), allow_unicode=True)
    return quoted.strip()


def yaml_image(text: str) -> str:
    """An image's reference is plain in YAML; anything else that calls itself one is quoted."""
    plain = re.fullmatch(r"[A-Za-z0-9][\w.:/@…-]*[\w…]", text) is not None
    return text if plain and isinstance(yaml.safe_load(text), str) else yaml_text(text)


def shell_image(text: str) -> str:
    """Quoted, but for the three dots that stand for a digest to be filled in."""
    head, dots, tail = text.partition("@sha256:…")
    return shlex.quote(head) + dots if dots and not tail else shlex.quote(text)


def with_image(text: str, row: Container, quote: Quote) -> str:
    """The text about the container's own image."""
    return _IMAGES.sub(lambda match: quote(_image(match, row)), text)


def _image(match: re.Match[str], row: Container) -> str:
    known = ImageReference.parse(row.image_reference)
    if match["moved"]:
        return row.image_reference or IMAGE
    if match["target"]:
        return f"registry.internal/{known.repository}:{known.tag or VERSION}" if known else match[0]
    if known is None:
        return IMAGE
    tag = f":{known.tag if known.tag not in {None, 'latest'} else VERSION}" if match["tag"] else ""
    return f"{_written(row.image_reference, known)}{tag}{_digest(row, known) if match['digest'] else ''}"


def _written(reference: str, known: ImageReference) -> str:
    """The repository as people wrote it, without tag and digest."""
    name = reference.partition("@")[0]
    return name.removesuffix(f":{known.tag}") if known.tag else name


def _digest(row: Container, known: ImageReference) -> str:
    """The one that runs, where the engine tells it; else three dots."""
    if known.digest:
        return f"@{known.digest}"
    told = (row.image.facts.get("digests") or ()) if row.image else ()
    for one in told:
        other = ImageReference.parse(one)
        if other and other.digest and other.full_repository == known.full_repository:
            return f"@{other.digest}"
    return "@sha256:…"
