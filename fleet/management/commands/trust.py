"""`./loadline trust`: publishers, registries, and whether an image is what its publisher signed."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError
from django.utils import timezone

from fleet.management.base import RowsCommand
from fleet.management.scan_told import scan_as_dict, scan_as_lines
from fleet.models import ImageRegistry, TrustRoot
from fleet.proving import (
    Proof,
    Prover,
    ProvingError,
    edit_root,
    enable_root,
    forget_memory,
    found_registry,
    keep_scan,
    preview_scan,
    register_registry,
    register_root,
    remove_registry,
)
from fleet.proving.memories import LOSES
from fleet.proving.registries import registered
from fleet.trust.errors import Refused, TrustError
from fleet.trust.identities import entered
from fleet.trust.names import parse
from fleet.trust.probing import FAILED, probe
from fleet.trust.roots import Kind
from fleet.trust.scan import MOST_REPORT, UnreadableReportError
from fleet.trust.scan_reading import read_scan
from fleet.trust.sigstore_library import UnavailableError, public_good
from fleet.trust.states import State
from fleet.trust.terms import KINDS, Server, Terms, read

_AUTHOR: Final = "the command line"
#: docs/trust.md tells them: from 10 on it is not what was signed, from 20 on nothing can be said. 1 and 2 are mistakes
#: in how the command was called.
EXITS: Final[Mapping[State, int]] = {
    State.VERIFIED: 0,
    State.SUPERSEDED: 10,
    State.OTHER_TAG: 11,
    State.MISMATCH: 12,
    State.UNSIGNED: 13,
    State.INVALID: 14,
    State.EXPIRED: 15,
    State.UNKNOWN_PUBLISHER: 16,
    State.LOCAL: 17,
    State.UNSUPPORTED: 20,
    State.NO_POLICY: 21,
    State.UNREACHABLE: 22,
}
_LARGEST_FILE: Final = 256 * 1024


class Command(RowsCommand):
    help = "Register publishers and registries, and verify images against them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="verify|scan|root|registry")
        verify = parts.add_parser("verify", help="ask whether what the registry has under a name is what was signed")
        verify.add_argument("image", help="registry.internal/team/web:1.4.2, or with @sha256:…")
        verify.add_argument("--json", action="store_true")
        scan = parts.add_parser("scan", help="take in what a scanner found: trivy image --format json, grype -o json")
        scan.add_argument("file", help="the report; - for standard input")
        scan.add_argument("--dry-run", action="store_true", help="say what it says and which hosts it concerns")
        scan.add_argument("--json", action="store_true")
        self._add_root(parts.add_parser("root", help="publishers whose signatures count"))
        self._add_registry(parts.add_parser("registry", help="registries that may be asked"))

    def _add_root(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|edit|enable|disable|forget|list")
        for action, help_text in (("add", "register a publisher"), ("edit", "a new version of what is said of one")):
            one = actions.add_parser(action, help=help_text)
            one.add_argument("name")
            one.add_argument("--kind", choices=[kind.value for kind in KINDS], required=True)
            one.add_argument("--scope", action="append", default=[], required=True, help="registry.internal/team/*")
            one.add_argument("--keys", metavar="FILE", help="PEM, public alone; - for standard input")
            one.add_argument("--trusted-root", metavar="FILE", help="of a Sigstore, trusted_root.json (keyless)")
            one.add_argument("--public-good", action="store_true", help="that of the public Sigstore, as it is now")
            one.add_argument(
                "--identity",
                action="append",
                default=[],
                metavar="ISSUER,SUBJECT",
                help="who may sign (keyless)",
            )
            one.add_argument("--threshold", type=int, default=1, help="how many of the keys must have signed (cosign)")
            one.add_argument("--match-name", action="store_true", help="signatures must name this repository (cosign)")
            one.add_argument("--subject", action="append", default=[], help="CN=…,O=… of the signer (Notation)")
            one.add_argument("--role", action="append", default=[], help="targets/releases, targets (Notary)")
            one.add_argument("--server", default="", help="https://notary.internal (Notary)")
            _add_connection(one, "the server")
        for action in ("enable", "disable"):
            actions.add_parser(action).add_argument("name")
        forget = actions.add_parser("forget", help="drop what is remembered of a repository's signed tags (Notary)")
        forget.add_argument("name")
        forget.add_argument("repository", help="registry.internal/team/web")
        forget.add_argument("--reason", required=True, help="why; the audit trail keeps it")
        actions.add_parser("list", help="each with its fingerprints").add_argument("--json", action="store_true")

    def _add_registry(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|remove|try|list")
        add = actions.add_parser("add", help="register one, or set it anew; nothing is sent to it yet")
        add.add_argument("host", help="registry.internal:5000")
        add.add_argument("--username", default="")
        add.add_argument("--password-file", type=Path, metavar="FILE", help="the password; nothing else is in it")
        add.add_argument("--realm", action="append", default=[], help="another host that may see the password")
        _add_connection(add, "it")
        actions.add_parser("remove").add_argument("host")
        actions.add_parser("try", help="ask it for /v2/ and say what came of it").add_argument("host")
        actions.add_parser("list").add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["part"] in {"verify", "scan"}:
                getattr(self, f"_{options['part']}")(options)
            else:
                getattr(self, f"_{options['part']}_{options['action']}")(options)
        except ProvingError as error:
            raise CommandError(str(error)) from None

    def _verify(self, options: dict[str, Any]) -> None:
        try:
            name = parse(options["image"])
        except Refused as error:
            raise CommandError(f"{error}.") from None
        if name is None:
            raise CommandError("An ID names no image: write registry.internal/team/web:1.4.2.")
        now = timezone.now()
        with Prover(now) as prover:
            proof = prover.verify_name(name, now)
        told = _as_dict(str(name), proof)
        self.stdout.write(json.dumps(told, indent=2) if options["json"] else _as_text(told))
        if EXITS[proof.verdict.state]:
            sys.exit(EXITS[proof.verdict.state])

    def _scan(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        try:
            scan = read_scan(_bytes(options["file"]), now)
        except UnreadableReportError as error:
            raise CommandError(str(error)) from None
        received = preview_scan(scan) if options["dry_run"] else keep_scan(scan, by=_AUTHOR, now=now)
        told = scan_as_dict(received, kept=not options["dry_run"])
        self.stdout.write(json.dumps(told, indent=2) if options["json"] else _plain(scan_as_lines(received, told)))

    def _root_add(self, options: dict[str, Any]) -> None:
        made = register_root(options["name"], _terms(options), author=None, author_name=_AUTHOR, now=timezone.now())
        self.stdout.write(f"Registered {made}. Compare with its publisher, by another way than these came:")
        self._tell_who(*_who(read(made.document)))

    def _root_edit(self, options: dict[str, Any]) -> None:
        made = edit_root(options["name"], _terms(options), author=None, author_name=_AUTHOR, now=timezone.now())
        self.stdout.write(f"In force: {made}.")
        self._tell_who(*_who(read(made.document)))

    def _tell_who(self, keys: list[dict[str, str]], identities: list[dict[str, str]]) -> None:
        for one in keys:
            self.stdout.write(f"  {one['kind']}  SHA-256 {one['sha256']}")
        for one in identities:
            self.stdout.write(f"  signed by {one['identity']}, by {one['issuer']}")

    def _root_enable(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{enable_root(options['name'], enabled=True)} speaks for its scope.")

    def _root_disable(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{enable_root(options['name'], enabled=False)} speaks for nothing any more.")

    def _root_forget(self, options: dict[str, Any]) -> None:
        went = forget_memory(options["name"], options["repository"], reason=options["reason"], now=timezone.now())
        self.stdout.write(f"Forgotten of {options['repository']}: {went}. {LOSES}")

    def _root_list(self, options: dict[str, Any]) -> None:
        rows = [_root_as_dict(root) for root in TrustRoot.objects.prefetch_related("versions")]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            state = "" if row["enabled"] else ", disabled"
            self.stdout.write(
                f"{row['name']}  {row['kind']}, version {row['version']}{state}: {', '.join(row['scopes'])}"
            )
            self._tell_who(row["keys"], row["identities"])
        if not rows:
            self.stdout.write("No publisher is registered yet: ./loadline trust root add NAME --kind cosign …")

    def _registry_add(self, options: dict[str, Any]) -> None:
        password = _text(options["password_file"]).strip() if options["password_file"] else ""
        row = register_registry(
            options["host"],
            plain=options["plain"],
            private=options["private"],
            ca=_text(options["ca"]) if options["ca"] else "",
            username=options["username"],
            password=password,
            realms=options["realm"],
            now=timezone.now(),
        )
        self.stdout.write(f"Registered {row.host}; images of it can be looked up there now.")

    def _registry_remove(self, options: dict[str, Any]) -> None:
        remove_registry(options["host"])
        self.stdout.write(f"{options['host']} is not asked any more.")

    def _registry_try(self, options: dict[str, Any]) -> None:
        try:
            found = registered(found_registry(options["host"]).host)
        except TrustError as error:
            raise CommandError(f"{error}.") from None
        steps = probe(found) if found else ()
        for one in steps:
            self.stdout.write(f"{one.outcome:<8} {one.name:<11} {one.sentence}")
        if any(one.outcome == FAILED for one in steps):
            sys.exit(1)

    def _registry_list(self, options: dict[str, Any]) -> None:
        fields = ("host", "plain", "private", "username", "realms")
        rows = list(ImageRegistry.objects.values(*fields))
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            words = ["http" if row["plain"] else "https", *(["inside"] if row["private"] else [])]
            self.stdout.write(
                f"{row['host']}  {', '.join(words)}{', as ' + row['username'] if row['username'] else ''}"
            )
        if not rows:
            self.stdout.write("No registry is registered yet: ./loadline trust registry add HOST")


def _add_connection(parser: ArgumentParser, what: str) -> None:
    parser.add_argument("--private", action="store_true", help=f"{what} may be at an address inside")
    parser.add_argument("--plain", action="store_true", help="over http, without encryption")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="PEM certificates to trust instead of the system's")


def _terms(options: dict[str, Any]) -> Terms:
    server = None
    if options["server"]:
        server = Server(
            address=options["server"],
            private=options["private"],
            plain=options["plain"],
            ca=_text(options["ca"]) if options["ca"] else "",
        )
    identities = [entered(one, keyless=False) for one in options["subject"]]
    identities += [entered(one, keyless=True) for one in options["identity"]]
    return Terms(
        kind=Kind(options["kind"]),
        scopes=tuple(options["scope"]),
        material=_material(options),
        threshold=options["threshold"],
        roles=tuple(options["role"]),
        identities=tuple(identities),
        match_name=options["match_name"],
        server=server,
    )


def _bytes(file: str) -> bytes:
    """One byte more than a report may have, so that a longer one is refused and not cut off."""
    if file == "-":
        return sys.stdin.buffer.read(MOST_REPORT + 1)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(MOST_REPORT + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None


def _material(options: dict[str, Any]) -> str:
    keyless = options["kind"] == Kind.COSIGN_KEYLESS
    given = [name for name in ("keys", "trusted_root", "public_good") if options[name]]
    if len(given) != 1 or (given == ["keys"]) is keyless:
        wanted = "--trusted-root FILE or --public-good" if keyless else "--keys FILE"
        raise CommandError(f"A root of the kind {options['kind']} needs {wanted}, and nothing else of that sort.")
    if options["public_good"]:
        try:
            return public_good()
        except UnavailableError as error:
            raise CommandError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    path = options[given[0]]
    return sys.stdin.read(_LARGEST_FILE) if path == "-" else _text(Path(path))


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_LARGEST_FILE)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not text.") from None


def _as_dict(image: str, proof: Proof) -> dict[str, Any]:
    """What `--json` prints. `last` is what was known before, where nobody could look now."""
    verdict, row = proof.verdict, proof.result
    told: dict[str, Any] = {
        "image": image,
        "state": verdict.state.value,
        "verified": verdict.good,
        "reason": verdict.reason.value,
        "sentence": verdict.sentence,
        "root": proof.root,
        "root_version": row.version.number if row else None,
        "signer": verdict.signer,
        "digest": verdict.digest,
        "image_id": row.image_id if row else "",
        "since": row.began_at.isoformat() if row and row.state == verdict.state.value else None,
        "valid_until": verdict.valid_until.isoformat() if verdict.valid_until else None,
        "chain": [{"what": one.what, "value": one.value, "note": one.note} for one in verdict.chain],
        "warnings": list(verdict.warnings),
        "last": None,
    }
    if row is not None and row.obstacle and row.state != State.UNREACHABLE:
        told["last"] = {
            "state": row.state,
            "since": row.began_at.isoformat(),
            "checked_at": row.checked_at.isoformat(),
            "sentence": row.sentence,
        }
    return told


def _as_text(told: dict[str, Any]) -> str:
    lines = [f"{told['state']}  {told['image']}", told["sentence"]]
    lines += [f"  {one['what']:<10} {one['value']}  ({one['note']})" for one in told["chain"]]
    lines += [f"  warning: {one}" for one in told["warnings"]]
    if told["last"]:
        lines.append(f"Before, at {told['last']['checked_at']}, it was {told['last']['state']}.")
    return _plain(lines)


def _plain(lines: Iterable[str]) -> str:
    """What strangers wrote does not steer anybody's terminal."""
    return "\n".join("".join(one if one.isprintable() else "?" for one in line) for line in lines)


def _root_as_dict(root: TrustRoot) -> dict[str, Any]:
    last = root.versions.all()[0]
    terms = read(last.document)
    keys, identities = _who(terms)
    return {
        "name": root.name,
        "enabled": root.enabled,
        "version": last.number,
        "sha256": last.sha256,
        "author": last.author_name,
        "made_at": last.made_at.isoformat(),
        "kind": terms.kind.value,
        "scopes": list(terms.scopes),
        "threshold": terms.threshold,
        "server": terms.server.address if terms.server else "",
        "keys": keys,
        "identities": identities,
    }


def _who(terms: Terms) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Keys by their fingerprints, and who may sign without one."""
    identities = terms.identities if terms.kind is Kind.COSIGN_KEYLESS else ()
    return (
        [{"kind": what, "sha256": fingerprint} for what, fingerprint in terms.fingerprints()],
        [{"issuer": issuer, "identity": identity} for issuer, identity in identities],
    )
