"""`./loadline trust`, as far as it needs no registry; tests/engines/trust has the rest."""

from __future__ import annotations

import json
import re
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from django.core.management import CommandError, call_command

from fleet.management.commands.trust import EXITS
from fleet.models import ImageRegistry, ScanReport, TrustMemory, TrustRoot
from fleet.trust.states import State
from tests.builders import container, image
from tests.fleet.trust.publishers import new_key, pem, public
from tests.fleet.trust.scanners import trivy, trivy_hole
from tests.fleet.trust.servers import Reply, serving
from tests.fleet.trust.sigstores import IDENTITY, ISSUER, Sigstore
from tests.publishers import WEB, publishers
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
KEY = new_key()
DOCS = Path(__file__).parents[4] / "docs/trust.md"


@pytest.fixture
def keys(tmp_path: Path) -> str:
    file = tmp_path / "team.pub"
    file.write_text(pem(KEY))
    return str(file)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("trust", *arguments, stdout=out)
    return out.getvalue()


def add(keys: str, *more: str, action: str = "add") -> str:
    return run("root", action, "team", "--kind", "cosign", "--scope", "registry.internal/*", "--keys", keys, *more)


def test_every_state_has_a_code_of_its_own_and_only_verified_is_success() -> None:
    assert set(EXITS) == set(State)
    assert len(set(EXITS.values())) == len(EXITS)
    assert [state for state, code in EXITS.items() if code == 0] == [State.VERIFIED]
    assert not {1, 2} & set(EXITS.values())


def test_the_documentation_has_the_codes_of_the_code() -> None:
    told = dict(re.findall(r"^\| ([a-z-]+) \| (\d+) \|", DOCS.read_text(), re.MULTILINE))
    assert told == {state.value: str(code) for state, code in EXITS.items()}


def test_a_root_is_told_with_its_fingerprint_when_it_is_registered_and_listed(keys: str) -> None:
    assert "No publisher" in run("root", "list")
    assert public(KEY).fingerprint in add(keys)
    assert "version 2" in add(keys, "--match-name", action="edit")
    run("root", "disable", "team")
    text = run("root", "list")
    assert "team  cosign, version 2, disabled: registry.internal/*" in text
    assert public(KEY).fingerprint in text
    (told,) = json.loads(run("root", "list", "--json"))
    assert told["identities"] == []
    assert (told["version"], told["enabled"], told["author"]) == (2, False, "the command line")
    run("root", "enable", "team")
    assert TrustRoot.objects.get().enabled


def test_a_root_without_keys_is_registered_and_listed(tmp_path: Path) -> None:
    file = tmp_path / "trusted_root.json"
    sigstore = Sigstore()
    file.write_text(sigstore.pinned())
    call = ("root", "add", "web", "--kind", "cosign-keyless", "--scope", "registry.internal/*")
    who = ("--identity", f"{ISSUER},{IDENTITY}")
    text = run(*call, *who, "--trusted-root", str(file))
    assert f"log https://rekor.internal  SHA-256 {public(sigstore.log.key).fingerprint}" in text
    assert f"signed by {IDENTITY}, by {ISSUER}" in text
    assert f"signed by {IDENTITY}, by {ISSUER}" in run("root", "list")
    (told,) = json.loads(run("root", "list", "--json"))
    assert told["identities"] == [{"issuer": ISSUER, "identity": IDENTITY}]
    text = run(*("root", "edit", *call[2:]), *who, "--public-good")
    assert "version 2" in text
    assert "log https://rekor.sigstore.dev" in text


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ((), "needs --trusted-root FILE or --public-good"),
        (("--keys", "/nowhere"), "needs --trusted-root FILE or --public-good"),
        (("--public-good", "--trusted-root", "/nowhere"), "needs --trusted-root FILE or --public-good"),
        (("--public-good",), "needs identities"),
        (("--public-good", "--identity", "release@acme.example"), "no issuer"),
    ],
)
def test_what_a_root_without_keys_lacks_is_told(more: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run("root", "add", "web", "--kind", "cosign-keyless", "--scope", "registry.internal/*", *more)


def test_without_the_package_the_public_root_cannot_be_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigstore", None)
    with pytest.raises(CommandError, match=r"pip install -r requirements-keyless\.txt"):
        run("root", "add", "web", "--kind", "cosign-keyless", "--scope", "registry.internal/*", "--public-good")


def test_a_private_key_is_refused_without_being_shown(tmp_path: Path) -> None:
    file = tmp_path / "team.key"
    secret = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret)
    with pytest.raises(CommandError, match="private key") as refused:
        add(str(file))
    assert secret.decode().splitlines()[1] not in str(refused.value)
    assert not TrustRoot.objects.exists()


def test_a_registry_is_listed_without_its_password(tmp_path: Path) -> None:
    assert "No registry" in run("registry", "list")
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    run("registry", "add", "registry.internal", "--private", "--username", "robot", "--password-file", str(file))
    text = run("registry", "list") + run("registry", "list", "--json")
    assert "registry.internal  https, inside, as robot" in text
    assert "hunter2" not in text
    run("registry", "remove", "registry.internal")
    assert not ImageRegistry.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("verify", "registry.internal/UP per"), "is no"),
        (("verify", "sha256:" + "a" * 64), "An ID names no image"),
        (("registry", "remove", "registry.internal"), "no registry"),
        (("root", "enable", "team"), "no trust root"),
        (("root", "add", "a", "--kind", "cosign", "--scope", "r.i/*", "--keys", "/nowhere"), "cannot be read"),
        (("root", "add", "a", "--kind", "cosign", "--scope", "r.i/*"), "needs --keys FILE"),
    ],
)
def test_what_cannot_be_done_is_a_mistake_in_the_call(arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run(*arguments)


def test_what_no_root_speaks_for_ends_with_its_code_and_says_so() -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("trust", "verify", "registry.internal/team/web:1.0", stdout=out)
    assert end.value.code == EXITS[State.NO_POLICY]
    assert out.getvalue().splitlines() == [
        "no-policy  registry.internal/team/web:1.0",
        "No trust root speaks for registry.internal/team/web.",
    ]


def test_a_scanners_report_is_looked_at_and_then_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(trivy(trivy_hole(Title="\x1b[31m"), CreatedAt="2026-01-02T03:04:05Z"))
    swept(host_row(), container(), images=(image(),))
    text = run("scan", str(file), "--dry-run")
    assert "critical  1, 1 with a fix" in text
    assert "1 containers; 1 hosts" in text
    assert "Nothing is stored" in text
    assert not ScanReport.objects.exists()
    told = json.loads(run("scan", str(file), "--json"))
    assert (told["kept"], told["fate"], told["counts"]) == (True, "new", {"critical": {"holes": 1, "fixable": 1}})
    assert ScanReport.objects.get().sent_by == "the command line"
    assert "nothing changed" in run("scan", str(file))
    older = trivy(CreatedAt="2026-01-01T00:00:00Z")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(older)))
    assert "a newer one is" in run("scan", "-")
    assert ScanReport.objects.get().critical == 1


def test_what_is_no_report_ends_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("{}")
    with pytest.raises(CommandError, match="no report of Trivy or Grype"):
        run("scan", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        run("scan", str(tmp_path / "none"))


def test_what_was_seen_of_a_repository_is_forgotten_with_a_reason() -> None:
    root = publishers()
    assert TrustMemory.objects.filter(root=root).exists()
    text = run("root", "forget", "payments", WEB, "--reason", "Begun anew, says Ann.")
    assert "root 2, targets 7; 1 tag" in text
    assert "older set of signed tags" in text
    assert not TrustMemory.objects.filter(root=root).exists()
    with pytest.raises(CommandError, match="Nothing is remembered"):
        run("root", "forget", "payments", WEB, "--reason", "Again.")


def test_a_registry_is_tried_in_words_and_ends_with_one_where_it_cannot_be_read() -> None:
    replies = [Reply(200), Reply(404)]
    with serving(lambda *_: replies.pop(0)) as server:
        run("registry", "add", server.host, "--plain", "--private")
        assert "It lets everybody in." in run("registry", "try", server.host)
        with pytest.raises(SystemExit) as end:
            run("registry", "try", server.host)
        assert end.value.code == 1
    with pytest.raises(CommandError, match="no registry"):
        run("registry", "try", "registry.internal")
