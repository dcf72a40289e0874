"""Settings come from the environment through these readers, which name the variable they reject."""

from __future__ import annotations

import base64
import os
import secrets
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import dj_database_url
from environs import EnvError, FileAwareEnv

DATABASE_SCHEMES: Final = {"sqlite", "postgres", "postgresql", "pgsql"}
BROKER_SCHEMES: Final = {"amqp", "amqps", "pyamqp", "redis", "rediss", "redis+socket", "filesystem-atomic", "memory"}

_KEY_BYTES: Final = 32


class SettingError(Exception):
    """One sentence that names the variable, what came and what was wanted; never a secret's value."""


class Environment(FileAwareEnv):
    """environs with Loadline's sentences: `LOADLINE_SWEEP_SECONDS=abc is not a whole number`."""

    def text(self, name: str, default: str) -> str:
        return str(self.str(name, default)).strip() or default

    def whole_number(self, name: str, default: int, *, least: int, most: int) -> int:
        given = self.text(name, str(default))
        try:
            number = int(given)
        except ValueError:
            raise SettingError(f"{name}={given} is not a whole number") from None
        if not least <= number <= most:
            raise SettingError(f"{name}={given} is not between {least} and {most}")
        return number

    def flag(self, name: str, *, default: bool = False) -> bool:
        if not self.text(name, ""):
            return default
        try:
            return bool(self.bool(name))
        except EnvError:
            raise SettingError(f"{name}={self.text(name, '')} is not yes or no (1, 0, true, false)") from None

    def words(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """A comma list without blanks."""
        return [word.strip() for word in self.text(name, ",".join(default)).split(",") if word.strip()]

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        given = self.text(name, default)
        if given not in allowed:
            raise SettingError(f"{name}={given} is not one of {', '.join(allowed)}")
        return given

    def secret(self, name: str, *, keep_in: Path, make: Callable[[], str]) -> str:
        """The variable, the file that NAME_FILE points to, or a value made once and kept in a file only we may read."""
        return self.secret_or_none(name) or _kept_secret(name, keep_in, make=make)

    def secret_or_none(self, name: str) -> str | None:
        try:
            return self.text(name, "") or None
        except (ValueError, OSError):
            raise SettingError(f"{name}_FILE={os.environ[f'{name}_FILE']} is not a readable file") from None

    def sealing_keys(self, name: str, *, keep_in: Path) -> list[str]:
        """The first key seals, every key opens; so a new key goes in front."""
        given = self.secret(name, keep_in=keep_in, make=_sealing_key)
        keys = [key.strip() for key in given.split(",") if key.strip()]
        for place, key in enumerate(keys, start=1):
            # As Fernet itself has it; loading it takes longer than sweeping a host does.
            try:
                size = len(base64.urlsafe_b64decode(key))
            except ValueError:
                size = 0
            if size != _KEY_BYTES:
                raise SettingError(f"{name}: key {place} of {len(keys)} is not 32 bytes in URL-safe base64")
        return keys

    def database(self, name: str, default: str) -> dict[str, Any]:
        given = self.text(name, default)
        _known_scheme(name, given, DATABASE_SCHEMES)
        try:
            return dict(dj_database_url.parse(given))
        except (ValueError, dj_database_url.ParseError):
            raise SettingError(f"{name} is not a database address such as postgres://user:password@host/name") from None

    def broker(self, name: str, default: str) -> str:
        given = self.text(name, default)
        _known_scheme(name, given, BROKER_SCHEMES)
        return given


def _known_scheme(name: str, url: str, known: set[str]) -> None:
    # Only the scheme is shown: the rest of such an address holds a password.
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme not in known:
        raise SettingError(f"{name} begins with {scheme or 'no scheme'}, wanted one of {', '.join(sorted(known))}")


def writable_folder(name: str, path: Path) -> Path:
    try:
        # For us alone: session keys, sealed credentials and the names of everything that runs stand in it.
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{name}={path} cannot be used: {error.strerror}") from None
    return path


def _kept_secret(name: str, path: Path, *, make: Callable[[], str]) -> str:
    try:
        if not path.exists():
            _write_once(path, make())
        return path.read_text().strip()
    except OSError as error:
        raise SettingError(f"{name} is not set, and {path} cannot keep a generated one: {error.strerror}") from None


def _write_once(path: Path, text: str) -> None:
    # 1. The whole value goes to a private name. 2. link() gives it the final name only if nobody was
    # faster, so two processes that start together end up with one key and never read half of it.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _sealing_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
