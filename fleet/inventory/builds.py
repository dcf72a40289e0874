"""Who built what an engine is made of: upstream's number means little where a distribution mends old numbers."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.inventory.host import HostFacts
from fleet.inventory.versions import Version


@dataclass(frozen=True, slots=True)
class Build:
    """One component as the engine tells of it. `package` is its distribution's version of it, None when not told.

    `text` is what is shown as evidence. `foreign`: not upstream's own build, so that its number alone proves nothing
    against it.
    """

    component: str  # engine, containerd or runc; podman's own engine is called podman
    text: str
    version: Version | None
    package: str | None = None
    foreign: bool = False

    @property
    def suffix(self) -> str:
        """What the builder added to upstream's number: `+dfsg1`, `-0ubuntu4`; empty when that is not told."""
        own = self.version.suffix if self.version else ""
        packaged = Version.parse(self.package)
        return own or (packaged.suffix if packaged else "")

    @property
    def number(self) -> str:
        """Upstream's number alone, as its advisories name it."""
        version = self.version
        if version is None:
            return self.text
        candidate = "" if version.candidate is None else f"-rc.{version.candidate}"
        return ".".join(map(str, version.numbers)) + candidate


def engine_of(host: HostFacts) -> Build | None:
    """The engine itself; None when it does not tell its version."""
    name = "podman" if host.kind == "podman" else "engine"
    return _build(name, host.engine_version, host.engine_commit) if host.engine_version else None


def containerd_of(host: HostFacts) -> Build | None:
    """The containerd that the engine uses; None when it does not tell of one."""
    return _below(host, "containerd", _component(host, "containerd"), host.containerd_commit or None)


def runc_of(host: HostFacts) -> Build | None:
    """The runc that the engine uses, podman's too; None when it does not tell of one."""
    text, commit = _component(host, "runc"), host.runc_commit or None
    if text is None:
        # Podman puts the whole output of `runc --version` there.
        spoken = next((one.version for one in host.components or () if "(runc)" in one.name), None)
        text = spoken and (_said(spoken, "runc version ") or spoken)
        commit = commit or _said(spoken or "", "commit: ")
    return _below(host, "runc", text, commit)


def _said(output: str, before: str) -> str | None:
    """What a program wrote behind these words."""
    return output.partition(before)[2].partition("\n")[0].strip() or None


def _component(host: HostFacts, name: str) -> str | None:
    return next((one.version for one in host.components or () if one.name == name), None)


def _below(host: HostFacts, name: str, text: str | None, commit: str | None) -> Build | None:
    """A component that says nothing about its making came with the engine, so from whoever built that."""
    if text is None and commit is None:
        return None
    engine = engine_of(host)
    return _build(name, text or "", commit, beside=bool(engine and engine.foreign and commit is None))


def _build(name: str, text: str, commit: str | None, *, beside: bool = False) -> Build:
    packaged = Version.parse(commit)
    version = Version.parse(text) or packaged
    package = commit if packaged and packaged.patched else None
    foreign = package is not None or bool(version and version.patched) or beside
    return Build(name, text or commit or "", version, package, foreign)
