"""`./loadline trust verify` of what is signed without a key, against the real docker-registry."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.engines.trust.lone_registry import lone_registry
from tests.fleet.trust.publishers import PATH, MemoryRegistry, push_image, statement
from tests.fleet.trust.sigstores import IDENTITY, ISSUER, Sigstore, list_by_tag, refer_bundle

pytestmark = pytest.mark.django_db


def test_a_bundle_in_a_real_registry_says_who_signed(tmp_path: Path) -> None:
    """`signed` by who is registered, `foreign` by somebody else, `copied` with the bundle of the first."""
    memory, sigstore = MemoryRegistry(), Sigstore()
    images = {tag: push_image(memory, tag) for tag in ("signed", "foreign", "copied")}
    for tag, over, who in (
        ("signed", "signed", IDENTITY),
        ("foreign", "foreign", "eve@acme.example"),
        ("copied", "signed", IDENTITY),
    ):
        refer_bundle(memory, images[tag].digest, sigstore.sign(statement(images[over].digest), identity=who))
        list_by_tag(memory, images[tag].digest)
    pinned = tmp_path / "trusted_root.json"
    pinned.write_text(sigstore.pinned())
    with lone_registry(tmp_path) as registry:
        registry.push(memory)
        call_command("trust", "registry", "add", registry.host, "--plain", "--private", stdout=StringIO())
        root = ("root", "add", "web", "--kind", "cosign-keyless", "--scope", f"{registry.host}/*")
        who = ("--trusted-root", str(pinned), "--identity", f"{ISSUER},{IDENTITY}")
        call_command("trust", *root, *who, stdout=StringIO())
        told = {tag: _verify(f"{registry.host}/{PATH}:{tag}") for tag in images}
    assert {tag: (code, said["state"]) for tag, (code, said) in told.items()} == {
        "signed": (0, "verified"),
        "foreign": (16, "unknown-publisher"),
        "copied": (14, "invalid"),
    }
    assert told["signed"][1]["signer"] == f"{IDENTITY}, by {ISSUER}"
    assert "eve@acme.example" in told["foreign"][1]["sentence"]


def _verify(image: str) -> tuple[int, dict[str, object]]:
    out = StringIO()
    try:
        call_command("trust", "verify", image, "--json", stdout=out)
    except SystemExit as end:
        return int(str(end.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())
