"""A Notary server, read by the same rules as a registry."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from fleet.trust.errors import Refused
from fleet.trust.names import ImageName, checked, is_host
from fleet.trust.tuf.delegations import NAME
from fleet.trust.web import Web, must_be_ok

_ROLES: Final = frozenset({"root", "timestamp", "snapshot", "targets"})
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class MetadataClient:
    """A `MetadataReader`. `address` is like `https://notary.internal`, `private` as of a registry. Raises Refused."""

    def __init__(self, address: str, *, private: bool = False, plain: bool = False, ca: str | None = None) -> None:
        parts = urlsplit(address)
        fits = parts.scheme == "https" or (plain and parts.scheme == "http")
        if not fits or not is_host(parts.netloc) or parts.path.strip("/") or parts.query or parts.fragment:
            raise Refused(f"{address[:80]!r} is no server of signed metadata: write https://notary.internal")
        self._address = f"{parts.scheme}://{parts.netloc}"
        self._web = Web(private=private, ca=ca)

    def close(self) -> None:
        self._web.close()

    def current(self, gun: str, role: str, most: int) -> bytes:
        return self._get(gun, role, f"{role}.json", most)

    def by_hash(self, gun: str, role: str, sha256: str, most: int) -> bytes:
        if not _SHA256.fullmatch(sha256):
            raise Refused("what should be a hash is none")
        return self._get(gun, role, f"{role}.{sha256}.json", most)

    def root_version(self, gun: str, version: int, most: int) -> bytes:
        return self._get(gun, "root", f"{version:d}.root.json", most)

    def _get(self, gun: str, role: str, file: str, most: int) -> bytes:
        host, _, path = gun.partition("/")
        checked(ImageName(host, path))
        if role not in _ROLES and not NAME.fullmatch(role):
            raise Refused(f"{role[:80]!r} is no role")
        answer = self._web.get(f"{self._address}/v2/{gun}/_trust/tuf/{file}", most=most)
        return must_be_ok(answer, file[:60]).body
