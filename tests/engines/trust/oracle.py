"""The real `notary` client, asked what it makes of a mirror; each scene has a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.engines.trust.metadata_store import MetadataStore
from tests.requirements import require_or_skip

_PASSPHRASES = {f"NOTARY_{role}_PASSPHRASE": "a passphrase" for role in ("ROOT", "TARGETS", "SNAPSHOT", "DELEGATION")}


@dataclass
class NotaryClient:
    """`folder` holds its keys and what it has seen so far."""

    store: MetadataStore
    folder: Path

    def __post_init__(self) -> None:
        if shutil.which("notary") is None:
            require_or_skip("notary is not on PATH (Debian: notary)")

    def run(self, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["notary", "-d", str(self.folder), "-s", self.store.address, *arguments],
            env={**os.environ, **_PASSPHRASES},
            input=answer,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def do(self, *arguments: str, answer: str = "") -> str:
        """As `run`; raises when it failed."""
        done = self.run(*arguments, answer=answer)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def believes(self, gun: str, tag: str) -> bool:
        """Whether it finds the tag signed."""
        done = self.run("lookup", gun, tag)
        return done.returncode == 0 and tag in done.stdout

    def forgetful(self, folder: Path) -> NotaryClient:
        """One that never saw anything."""
        return NotaryClient(self.store, folder)

    def copied(self, folder: Path) -> NotaryClient:
        """One that has seen what this one has."""
        shutil.copytree(self.folder, folder)
        return NotaryClient(self.store, folder)
