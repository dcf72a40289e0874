"""A registry, read so that neither it nor anybody between gets a secret or makes us believe anything."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode, urljoin, urlsplit

from requests.utils import parse_dict_header

from fleet.trust import strict
from fleet.trust.errors import BadDigest, Malformed, NotFound, Refused, TrustError, Unreachable
from fleet.trust.names import is_digest, is_host, is_path, is_tag
from fleet.trust.reading import ACCEPTED, INDEX_TYPES, MOST_MANIFEST, Manifest, Referrer
from fleet.trust.web import Answer, Web, must_be_ok

_MOST_TOKEN: Final = 64 * 1024
_MOST_REFERRERS: Final = 256
_TOKEN_SECONDS: Final = 60
_MOST_PAGES: Final = 20  # of a repository's tags
_PAGE: Final = 1000
#: Under which signatures and what refers to an image lie, where a registry has no endpoint for that.
_BELONGING: Final = re.compile(r"sha256-[0-9a-f]{64}(\.sig|\.att)?")
_NO_ENDPOINT: Final = frozenset({400, 404, 405})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: Where a registry answers by another name than images have it, and where it is known to keep its tokens.
_API_HOSTS: Final = {"docker.io": "registry-1.docker.io"}
_REALMS: Final = {"docker.io": ("auth.docker.io",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A registry as an admin registered it. `realms` are further hosts that may see its credentials.

    `private` lets it be at an address inside; `plain` is http, which only an admin may choose.
    """

    host: str
    plain: bool = False
    private: bool = False
    ca: str | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    realms: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return f"{'http' if self.plain else 'https'}://{_API_HOSTS.get(self.host, self.host)}"

    def may_hold_tokens(self, host: str) -> bool:
        known = (_API_HOSTS.get(self.host, self.host), *_REALMS.get(self.host, ()), *self.realms)
        return host in known


class Contents(Protocol):
    """What was read once and is the same for ever, by its digest."""

    def get(self, digest: str) -> bytes | None: ...

    def put(self, digest: str, body: bytes) -> None: ...


class RegistryClient:
    """A `RegistryReader` of one registered registry. Not for several threads at once."""

    def __init__(
        self,
        registered: Registered,
        *,
        contents: Contents | None = None,
        clock: Callable[[], float] = time.monotonic,
        web: Callable[..., Web] = Web,
    ) -> None:
        if not is_host(registered.host):
            raise Refused(f"{registered.host[:80]!r} is no registry")
        self._registered, self._contents, self._clock = registered, contents, clock
        self._make_web = web
        self._web = web(private=registered.private, ca=registered.ca)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._tags: dict[str, frozenset[str] | None] = {}
        self._no_referrers: set[str] = set()

    def close(self) -> None:
        self._web.close()

    def manifest(self, path: str, reference: str) -> Manifest:
        _check(path, reference)
        kept = self._contents.get(reference) if self._contents and is_digest(reference) else None
        if kept is not None:
            return Manifest(kept, _own_type(kept), reference)
        if _BELONGING.fullmatch(reference) and self._lacks(path, reference):
            raise NotFound(f"there is no tag {reference[:19]}…")
        answer = self._get(path, f"manifests/{reference}", most=MOST_MANIFEST, accept=", ".join(ACCEPTED))
        must_be_ok(answer, f"manifest {reference[:19]}")
        digest = _digest(answer.body)
        if is_digest(reference) and digest != reference:
            raise BadDigest(f"the registry returned other bytes than those of {reference[:19]}…")
        if self._contents:
            self._contents.put(digest, answer.body)
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
        return Manifest(answer.body, media_type, digest)

    def tags(self, path: str) -> frozenset[str] | None:
        """All of the repository, asked for once; None where the registry does not tell them, or there are too many."""
        if path not in self._tags:
            try:
                self._tags[path] = self._listed(path)
            except (TrustError, ValueError):  # not everybody who may pull may list; whoever asks next meets the rest
                self._tags[path] = None
        return self._tags[path]

    def _listed(self, path: str) -> frozenset[str] | None:
        if not is_path(path):
            raise Refused("what should be listed is no repository")
        found: set[str] = set()
        last = ""
        for _ in range(_MOST_PAGES):
            rest = "tags/list?" + urlencode({"n": _PAGE, **({"last": last} if last else {})})
            answer = must_be_ok(self._get(path, rest, most=MOST_MANIFEST), "the tags")
            page = strict.load_object(answer.body).get("tags") or []
            names = [one for one in strict.a_list(page, "tags") if isinstance(one, str) and is_tag(one)]
            found.update(names)
            if 'rel="next"' not in answer.headers.get("link", ""):
                return frozenset(found)
            if not names or names[-1] == last:
                return None
            last = names[-1]
        return None

    def _lacks(self, path: str, tag: str) -> bool:
        """Only lists that show such tags at all are believed to show every one: some registries leave them out."""
        tags = self.tags(path) or frozenset()
        return tag not in tags and any(_BELONGING.fullmatch(one) for one in tags)

    def tag_digest(self, path: str, tag: str) -> str | None:
        """What the registry claims that the tag means now, by HEAD, which Docker Hub does not count; None: no such tag.

        Good for seeing that a tag moved, and for nothing else.
        """
        _check(path, tag)
        answer = self._get(path, f"manifests/{tag}", most=0, accept=", ".join(ACCEPTED), head=True)
        try:
            must_be_ok(answer, f"tag {tag}")
        except NotFound:
            return None
        claimed = answer.headers.get("docker-content-digest", "")
        if not is_digest(claimed):
            raise Malformed("the registry does not say what the tag means")
        return claimed

    def blob(self, path: str, digest: str, most: int) -> bytes:
        _check(path, digest)
        kept = self._contents.get(digest) if self._contents else None
        if kept is not None:
            return kept
        answer = self._get(path, f"blobs/{digest}", most=most)
        if answer.status in _REDIRECTS:
            answer = self._elsewhere(answer, most)
        must_be_ok(answer, f"blob {digest[:19]}")
        if _digest(answer.body) != digest:
            raise BadDigest(f"the registry returned other bytes than those of {digest[:19]}…")
        if self._contents:
            self._contents.put(digest, answer.body)
        return answer.body

    def referrers(self, path: str, digest: str) -> tuple[Referrer, ...]:
        _check(path, digest)
        answer = None
        if path not in self._no_referrers:
            answer = self._get(path, f"referrers/{digest}", most=MOST_MANIFEST, accept=INDEX_TYPES[0])
        if answer is None or answer.status in _NO_ENDPOINT:  # as registries answer that know no such endpoint
            self._no_referrers.add(path)
            tag = digest.replace(":", "-")
            if self._lacks(path, tag):
                return ()
            answer = self._get(path, f"manifests/{tag}", most=MOST_MANIFEST, accept=INDEX_TYPES[0])
        try:
            must_be_ok(answer, "what refers to the image")
        except NotFound:
            return ()
        document = strict.load_object(answer.body)
        entries = strict.a_list(document.get("manifests"), "manifests")[:_MOST_REFERRERS]
        return tuple(found for one in entries if (found := self._referrer(path, one)))

    def front(self, challenge: Answer | None = None) -> Answer:
        """What it answers at /v2/: to anybody, or with what it wanted in an earlier answer. Asks for no image."""
        headers = {"Authorization": self._answer_to(challenge, None)} if challenge else {}
        return self._web.get(f"{self._registered.address}/v2/", most=_MOST_TOKEN, headers=headers)

    def _referrer(self, path: str, entry: Any) -> Referrer | None:
        """The kind stands in the entry, or, with registries that leave it out, in the manifest itself."""
        fields = strict.an_object(entry, "an entry of manifests")
        digest, kind = fields.get("digest"), fields.get("artifactType")
        if not is_digest(digest):
            raise Malformed("an entry of manifests has no digest")
        if not isinstance(kind, str) or not kind:
            try:
                document = strict.load_object(self.manifest(path, str(digest)).body)
            except NotFound:
                return None
            config = document.get("config")
            kind = document.get("artifactType") or (config.get("mediaType") if isinstance(config, dict) else "")
        return Referrer(str(digest), str(kind))

    def _get(self, path: str, rest: str, *, most: int, accept: str = "*/*", head: bool = False) -> Answer:
        url = f"{self._registered.address}/v2/{path}/{rest}"
        headers = {"Accept": accept, **self._authorization(path)}
        answer = self._web.get(url, most=most, headers=headers, head=head)
        if answer.status != 401:  # noqa: PLR2004
            return answer
        self._tokens.pop(path, None)
        headers = {"Accept": accept, "Authorization": self._answer_to(answer, path)}
        return self._web.get(url, most=most, headers=headers, head=head)

    def _authorization(self, path: str) -> dict[str, str]:
        token, until = self._tokens.get(path, ("", 0.0))
        return {"Authorization": token} if token and self._clock() < until else {}

    def _answer_to(self, answer: Answer, path: str | None) -> str:
        """What to send for the challenge; a token without a path is for no image.

        Raises Refused when the registry wants a secret sent elsewhere.
        """
        scheme, _, rest = answer.headers.get("www-authenticate", "").partition(" ")
        if scheme.lower() == "basic" and self._registered.username:
            return self._basic()
        if scheme.lower() != "bearer":
            raise Unreachable("the registry wants credentials, and none are registered for it")
        challenge: dict[str, Any] = parse_dict_header(rest)  # type: ignore[no-untyped-call]
        told = {str(name).lower(): str(value) for name, value in challenge.items() if value is not None}
        url = self._token_address(told.get("realm", ""), told.get("service", ""), path)
        secret = {"Authorization": self._basic()} if self._registered.username else {}
        token_answer = must_be_ok(self._web_for(url).get(url, most=_MOST_TOKEN, headers=secret), "token")
        document = strict.load_object(token_answer.body)
        token = document.get("token") or document.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Malformed("what should be a token is none")
        seconds = document.get("expires_in", _TOKEN_SECONDS)
        lasts = seconds if isinstance(seconds, int) and 0 < seconds < 24 * 3600 else _TOKEN_SECONDS
        if path is not None:
            self._tokens[path] = (f"Bearer {token}", self._clock() + 0.8 * lasts)
        return f"Bearer {token}"

    def _token_address(self, realm: str, service: str, path: str | None) -> str:
        """The realm with the scope that we want, not the one that the registry names."""
        parts = urlsplit(realm)
        same = parts.netloc == urlsplit(self._registered.address).netloc
        if parts.username is not None or parts.password is not None or not is_host(parts.netloc):
            raise Refused(f"the registry names {realm[:80]!r} as the place of its tokens, which is no address")
        if parts.scheme != "https" and not (parts.scheme == "http" and self._registered.plain and same):
            raise Refused("the registry wants its credentials sent without encryption")
        if not self._registered.may_hold_tokens(parts.netloc):
            raise Refused(
                f"the registry wants its credentials sent to {parts.netloc[:80]}: "
                "an admin can name that host with the registry"
            )
        wanted = {"service": service[:200]} | ({"scope": f"repository:{path}:pull"} if path is not None else {})
        return f"{parts.scheme}://{parts.netloc}{quote(parts.path)}?" + urlencode(wanted)

    def _web_for(self, url: str) -> Web:
        """The registry's own session for its own host; another for hosts that were named with it."""
        host = urlsplit(url).netloc
        if host == urlsplit(self._registered.address).netloc:
            return self._web
        return self._make_web(private=host in self._registered.realms, ca=self._registered.ca)

    def _basic(self) -> str:
        pair = f"{self._registered.username}:{self._registered.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def _elsewhere(self, answer: Answer, most: int) -> Answer:
        """Blobs lie elsewhere with many registries: one step is followed, without any credential."""
        url = urljoin(self._registered.address, answer.headers.get("location", ""))
        parts = urlsplit(url)
        same = parts.netloc == urlsplit(self._registered.address).netloc
        if parts.username is not None or not is_host(parts.netloc.lower()):
            raise Refused("the registry sends us to what is no address")
        if parts.scheme != "https" and not (parts.scheme == "http" and self._registered.plain and same):
            raise Refused("the registry sends us to an address without encryption")
        web = self._web if same else self._make_web(private=parts.netloc in self._registered.realms)
        return web.get(url, most=most)


def _check(path: str, reference: str) -> None:
    """Before anything is asked: what comes out of image names and of documents goes into addresses here."""
    if not is_path(path) or not (is_digest(reference) or is_tag(reference)):
        raise Refused("what should be asked for is no name of an image")


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _own_type(body: bytes) -> str:
    document = strict.load_object(body)
    kind = document.get("mediaType")
    return kind if isinstance(kind, str) else INDEX_TYPES[0] if "manifests" in document else ACCEPTED[2]
