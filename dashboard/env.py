"""Settings come from the environment through these readers, which name the variable they reject."""

from __future__ import annotations

import base64
import email.utils
import os
import secrets
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import dj_database_url

DATABASE_SCHEMES: Final = {"sqlite", "postgres", "postgresql", "pgsql"}
BROKER_SCHEMES: Final = {"amqp", "amqps", "pyamqp", "redis", "rediss", "redis+socket", "filesystem-atomic", "memory"}

#: Whether STARTTLS or TLS from the first byte on, and the port where none is given.
MAIL_SCHEMES: Final = {
    "smtp": (False, False, 25),
    "submission": (True, False, 587),
    "smtps": (False, True, 465),
    "console": (False, False, 0),
}

_YES: Final = {"1", "t", "true", "y", "yes", "on"}
_NO: Final = {"0", "f", "false", "n", "no", "off"}

_KEY_BYTES: Final = 32


class SettingError(Exception):
    """One sentence that names the variable, what came and what was wanted; never a secret's value."""


class Environment:
    """Every reader raises SettingError: `LOADLINE_SWEEP_SECONDS=abc is not a whole number`."""

    def text(self, name: str, default: str) -> str:
        """The variable, or what stands in the file that NAME_FILE points to; nothing but blanks means the default."""
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return os.environ.get(name, default).strip() or default
        try:
            return Path(path).read_text().strip() or default
        except (OSError, ValueError):  # which is what it is when its bytes are no text
            raise SettingError(f"{name}_FILE={path} is not a readable file") from None

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
        given = self.text(name, "")
        if given and given.lower() not in _YES | _NO:
            raise SettingError(f"{name}={given} is not yes or no (1, 0, true, false)")
        return given.lower() in _YES if given else default

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
        return self.text(name, "") or None

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

    def mail(self, name: str) -> dict[str, Any]:
        """Django's EMAIL_ settings, or none of them where it is unset. A wrong part is named, and never a password."""
        given = self.secret_or_none(name)
        return {} if given is None else self.mail_of(name, given)

    def mail_of(self, name: str, given: str) -> dict[str, Any]:
        _known_scheme(name, given, set(MAIL_SCHEMES))
        url = urllib.parse.urlsplit(given)
        starttls, tls, port = MAIL_SCHEMES[url.scheme]
        try:
            port = url.port or port
        except ValueError:
            raise SettingError(f"{name}: the port is not a number from 1 to 65535") from None
        if url.scheme != "console" and not url.hostname:
            raise SettingError(f"{name} names no server, wanted {url.scheme}://user:password@mail.example.org")
        if url.password and not url.username:
            raise SettingError(f"{name} has a password and no user")
        if url.path.strip("/") or url.query or url.fragment:
            raise SettingError(
                f"{name} has something behind the server's name; an @, /, ? or # in a password is %40, %2F, %3F, %23"
            )
        backend = "console" if url.scheme == "console" else "smtp"
        return {
            "EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend",
            "EMAIL_HOST": url.hostname or "",
            "EMAIL_PORT": port,
            "EMAIL_HOST_USER": urllib.parse.unquote(url.username or ""),
            "EMAIL_HOST_PASSWORD": urllib.parse.unquote(url.password or ""),
            "EMAIL_USE_TLS": starttls,
            "EMAIL_USE_SSL": tls,
        }

    def sender(self, name: str, *, needed: str) -> str:
        """An address such as `Loadline <loadline@example.org>`; `needed` is the setting that makes it necessary."""
        given = self.text(name, "")
        if not given and needed:
            raise SettingError(f"{name} is not set, and {needed} is: mails need a sender such as loadline@example.org")
        address = email.utils.parseaddr(given)[1]
        local, at, domain = address.rpartition("@")
        if given and (not local or not at or not domain or " " in address):
            raise SettingError(f"{name}={given} is not an address such as Loadline <loadline@example.org>")
        return given

    def site(self, name: str, *, needed: str) -> str:
        """The address under which people reach the site, without a slash at its end."""
        given = self.text(name, "").rstrip("/")
        if not given and needed:
            raise SettingError(f"{name} is not set, and {needed} is: links in mails need the site's address")
        url = urllib.parse.urlsplit(given)
        if given and (url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment):
            raise SettingError(f"{name}={given} is not an address such as https://loadline.example.org")
        return given

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
    # As Fernet itself makes it; loading it takes longer.
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
