"""A reader who signs in and follows every link there is."""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from html import unescape

# Links that would end the visit, and the same list in another order or narrowed down once more.
_SKIPPED = re.compile(r"/logout|/admin/jsi18n|_changelist_filters|_facets|&|[?](sort|page|o|all|e)=")
_ALIKE = re.compile(r"\d+|(?<=/rules/)[a-z0-9-]+|(?<=/fix-next/)[a-z0-9-]+|(?<=rule=)[a-z0-9-]+")
_LINK = re.compile(r'(?:href|hx-get|src)="([^"#]+)')


class Visitor:
    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        # No proxy: the site is on this machine.
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def sign_in(self, password: str) -> None:
        with self.opener.open(f"{self.address}/", timeout=20) as reply:
            form, door = reply.read(), reply.url  # where whoever has not signed in is sent
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None
        fields = {"csrfmiddlewaretoken": token[1].decode(), "username": "admin", "password": password}
        request = urllib.request.Request(door, urllib.parse.urlencode(fields).encode())
        with self.opener.open(request, timeout=20) as reply:
            assert reply.url == f"{self.address}/", "the password was not taken"

    def get(self, path: str, *, token: str = "") -> bytes:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with self.opener.open(urllib.request.Request(self.address + path, headers=headers), timeout=20) as reply:
            return bytes(reply.read())

    def every_part(self, path: str, *, token: str) -> Iterator[bytes]:
        """A list of the API, a line for each part that its cursor leads to."""
        cursor: str | None = ""
        while cursor is not None:
            joint = "&" if "?" in path else "?"
            part = self.get(path + (f"{joint}cursor={urllib.parse.quote(cursor)}" if cursor else ""), token=token)
            document = json.loads(part)
            cursor = document.get("next_cursor") if isinstance(document, dict) else None
            yield part

    def every_page(self, *starts: str, alike: int = 4) -> dict[str, bytes]:
        """Pages by path, found from these by following links; an answer that is no success fails the visit.

        Of pages whose addresses differ in numbers or in the name of a rule alone, so many.
        """
        pages: dict[str, bytes] = {}
        kinds: Counter[str] = Counter()
        waiting = list(starts)
        while waiting:
            path = waiting.pop(0)
            kind = _ALIKE.sub("0", path)
            if path in pages or kinds[kind] == alike or _SKIPPED.search(path):
                continue
            kinds[kind] += 1
            try:
                pages[path] = self.get(path)
            except urllib.error.HTTPError as error:
                raise AssertionError(f"{path} answered {error.code}") from error
            waiting += self._links(path, pages[path])
        return pages

    def _links(self, path: str, page: bytes) -> list[str]:
        if not page.lstrip().startswith(b"<"):
            return []
        found = (urllib.parse.urljoin(self.address + path, unescape(link)) for link in _LINK.findall(page.decode()))
        return [link.removeprefix(self.address) for link in found if link.startswith(self.address + "/")]
