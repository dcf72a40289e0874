"""Profiles that an engine loads under its own name exist where that engine runs."""

from __future__ import annotations

from fleet.neutrality.tie import EITHER, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort

_NAMED = ("apparmor=docker-", "apparmor=containers-default", "apparmor:docker-")
#: How facts keep a profile whose whole text the client had sent.
_SENT = "seccomp=sha256:"


class EngineProfile(Tie):
    """The container names a security profile that its engine loads into the kernel under the engine's own name, such
    as apparmor=docker-default, which is not there without that engine. Or it has a seccomp profile of its own, of which
    Docker's clients send the text and other engines want the file.
    """

    title = "A security profile in the engine's own way"
    effort = Effort.DROP_IN
    engines = EITHER
    elsewhere = "It is refused: there is no profile of that name, or no file."
    change = (
        "Leave the option out: each engine confines by its own default. A profile that is needed stands in a file of "
        "the host: seccomp=/path, and AppArmor's under a name of its own."
    )
    sources = ("https://docs.docker.com/engine/security/apparmor/",)

    def find(self, part: Part) -> Found | None:
        options = known(part.facts.security_options, "HostConfig.SecurityOpt")
        found = tuple(option for option in options if option.startswith((*_NAMED, _SENT)))
        return Found({"HostConfig.SecurityOpt": found}) if found else None
