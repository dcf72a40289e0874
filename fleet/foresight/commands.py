"""A remedy's command lines for containers that no file describes, with the name and the image of each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Final

from fleet.foresight.naming import IMAGE, shell_image, with_image
from fleet.models import Container

#: Three dots by themselves stand for the rest of the command; those of a digest or within quotes do not.
_DOTS: Final = re.compile(r"(?:^| )…(?= |$)")
_NAME: Final = re.compile(r"\bNAME\b")
_BUILDS: Final = ("docker build ", "docker buildx build ")


def commands_for(remedy: str, rows: Sequence[Container]) -> str:
    """Each line of the remedy for each of the containers; what is the same for all of them stands once."""
    lines: list[str] = []
    for template in remedy.splitlines():
        body, _, comment = template.partition("   #")
        written = [_update(body, rows)] if body.startswith("docker update ") else [_line(body, row) for row in rows]
        lines += [f"{line}   #{comment}" if comment else line for line in dict.fromkeys(written)]
    return "\n".join(lines)


def _update(body: str, rows: Sequence[Container]) -> str:
    """The one command that takes many containers."""
    flags = _NAME.split(_DOTS.split(body)[0])[0].strip()
    return f"{flags} {' '.join(shlex.quote(row.name) for row in rows)}"


def _line(body: str, row: Container) -> str:
    name, image = shlex.quote(row.name), shlex.quote(row.image_reference or IMAGE)
    line = with_image(body, row, shell_image)
    for start, named in (
        ("docker run ", f"docker run -d --name {name} "),
        ("docker service create ", f"docker service create --name {name} "),
    ):
        if line.startswith(start):
            return _with_image_last(named + line.removeprefix(start), image)
    if line.startswith(_BUILDS):
        return _DOTS.sub(lambda _: f" -t {image} .", line)
    return _NAME.sub(lambda _: name, _DOTS.sub(lambda _: f" {name}", line))


def _with_image_last(line: str, image: str) -> str:
    """The dots hold the place of the image, unless the remedy itself names one."""
    dots = _DOTS.search(line)
    return f"{line[: dots.start()].rstrip()} {line[dots.end() :].strip() or image}" if dots else line
