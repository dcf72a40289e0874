"""An image, a Sigstore that an admin pinned, and every way to forge what it would vouch for."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fleet.trust.asking import Asked
from fleet.trust.reading import Readers
from fleet.trust.roots import Kind, Root
from fleet.trust.states import Verdict
from fleet.trust.subject import subject_of
from fleet.trust.terms import Terms, checked
from fleet.trust.verifiers.keyless import Keyless
from tests.fleet.trust.publishers import NOW, REPOSITORY, MemoryRegistry, new_key, push_image, sha256, statement
from tests.fleet.trust.sigstores import IDENTITY, ISSUER, Authority, Log, Sigstore, refer_bundle

Bundle = dict[str, Any]


def root_of(sigstore: Sigstore, *identities: tuple[str, str], threshold: int = 1) -> Root:
    terms = Terms(
        kind=Kind.COSIGN_KEYLESS,
        scopes=(f"{REPOSITORY.partition('/')[0]}/*",),
        material=sigstore.pinned(),
        identities=identities or ((ISSUER, IDENTITY),),
        threshold=threshold,
    )
    return checked(terms).root("team", 1)


class Scene:
    """An image that runs, in a registry, and the Sigstore that the admin pinned; nobody signed it yet."""

    def __init__(self) -> None:
        self.registry = MemoryRegistry()
        self.image = push_image(self.registry, "1.0")
        self.sigstore = Sigstore()
        self.root = root_of(self.sigstore)
        self.before: frozenset[str] = frozenset()

    def verify(self) -> Verdict:
        digests = (f"{REPOSITORY}@{self.image.digest}",)
        subject = subject_of(reference=f"{REPOSITORY}:1.0", image_id=self.image.id, repo_digests=digests)
        return Keyless().verify(Asked(subject, self.root, Readers(self.registry), NOW, self.before))

    def signed(self, *, by: Sigstore | None = None, digest: str = "", predicate: str = "", **told: Any) -> Bundle:
        payload = statement(digest or self.image.digest, **({"predicate": predicate} if predicate else {}))
        return (by or self.sigstore).sign(payload, **told)

    def lay(self, bundle: Bundle | bytes) -> None:
        refer_bundle(self.registry, self.image.digest, bundle)

    def sign(self, **told: Any) -> None:
        self.lay(self.signed(**told))


def of_another_authority(scene: Scene) -> Bundle:
    """Its certificate is another's; the logs are the pinned ones."""
    return scene.signed(by=replace(scene.sigstore, authority=Authority()))


def in_another_log(scene: Scene) -> Bundle:
    return scene.signed(by=replace(scene.sigstore, log=Log()))


def _promised_by_another(scene: Scene) -> Bundle:
    return scene.signed(ct_key=new_key())


def _promised_by_nobody(scene: Scene) -> Bundle:
    return scene.signed(promised=False)


def _expired_when_it_was_logged(scene: Scene) -> Bundle:
    return scene.signed(after=timedelta(minutes=11))


def _logged_before_it_was_certified(scene: Scene) -> Bundle:
    return scene.signed(after=-timedelta(minutes=1))


def entry(bundle: Bundle) -> dict[str, Any]:
    found: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


def _with_the_proof_of_another_entry(scene: Scene) -> Bundle:
    bundle, at = scene.signed(), NOW - timedelta(days=3)
    index = int(entry(bundle)["logIndex"])
    bundle["verificationMaterial"]["tlogEntries"] = [scene.sigstore.log.entry(index, at, proof_of=0)]
    return bundle


def _with_the_whole_entry_of_another(scene: Scene) -> Bundle:
    """Well logged, by the same person: but it is another signature that was."""
    bundle = scene.signed()
    bundle["verificationMaterial"]["tlogEntries"] = [entry(scene.signed(digest=sha256(b"another")))]
    return bundle


def _with_a_checkpoint(**told: Any) -> Callable[[Scene], Bundle]:
    def made(scene: Scene) -> Bundle:
        bundle = scene.signed()
        entry(bundle)["inclusionProof"]["checkpoint"] = {"envelope": scene.sigstore.log.checkpoint(**told)}
        return bundle

    return made


def _without_a_proof(scene: Scene) -> Bundle:
    bundle = scene.signed()
    del entry(bundle)["inclusionProof"]
    return bundle


def _without_a_time(scene: Scene) -> Bundle:
    bundle = scene.signed()
    del entry(bundle)["inclusionPromise"]
    return bundle


def _with_another_time(scene: Scene) -> Bundle:
    bundle = scene.signed()
    entry(bundle)["integratedTime"] = str(int(entry(bundle)["integratedTime"]) + 1)
    return bundle


def _in_no_log(scene: Scene) -> Bundle:
    bundle = scene.signed()
    bundle["verificationMaterial"]["tlogEntries"] = []
    return bundle


def _with_a_swapped_payload(scene: Scene) -> Bundle:
    bundle = scene.signed(digest=sha256(b"another"))
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(statement(scene.image.digest)).decode()
    return bundle


def _without_signatures(scene: Scene) -> Bundle:
    bundle = scene.signed()
    bundle["dsseEnvelope"]["signatures"] = []
    return bundle


def _with_the_certificate_of_another_signature(scene: Scene) -> Bundle:
    """The same person's: but its key is not the one that signed."""
    bundle = scene.signed()
    bundle["verificationMaterial"]["certificate"] = scene.signed()["verificationMaterial"]["certificate"]
    return bundle


FORGERIES: dict[str, tuple[Callable[[Scene], Bundle], str]] = {
    "in another log": (in_another_log, "checkpoint: invalid signature"),
    "certificate logged by another": (_promised_by_another, "SCT verify failed"),
    "certificate in no log": (_promised_by_nobody, "SCT"),
    "expired when it was logged": (_expired_when_it_was_logged, "not valid at validation time"),
    "logged before it was certified": (_logged_before_it_was_certified, "not valid at validation time"),
    "the proof of another entry": (_with_the_proof_of_another_entry, "inclusion proof contains invalid root hash"),
    "the entry of another signature": (_with_the_whole_entry_of_another, "payload hash does not match"),
    "checkpoint unsigned": (_with_a_checkpoint(signed=False), "must contain at least one signature"),
    "checkpoint signed by another": (_with_a_checkpoint(key=new_key()), "checkpoint: invalid signature"),
    "no proof": (_without_a_proof, "inclusionProof Field required."),
    "no time that is signed": (_without_a_time, "inclusion promise or signed timestamp"),
    "another time than was signed": (_with_another_time, "invalid inclusion promise"),
    "in no log": (_in_no_log, "exactly one log entry"),
    "payload swapped": (_with_a_swapped_payload, "DSSE: invalid signature"),
    "no signatures": (_without_signatures, "exactly one signature"),
    "certificate of another signature": (_with_the_certificate_of_another_signature, "DSSE: invalid signature"),
}
