"""A registry hands out what it holds; only a signature says whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fleet.inventory import Proof
from fleet.readiness.findings import Json, Outcome, failed, passed, uncollected, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, ImageRule, Remedy
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity, Stage

PROVEN: Final = "verified"
#: Somebody else's program may run under this name, and not merely one that nobody signed.
GRAVE: Final = ("invalid", "mismatch", "unknown-publisher")
BAD: Final = ("local", "unsigned", "expired", "other-tag", "superseded")
_WORST_FIRST: Final = (*GRAVE, *BAD)


class SignatureMissing(ImageRule):
    """Nothing shows that the image is what its publisher signed.

    What it looks at:
    Signatures of cosign, Notation and Notary in the registry, against keys that an admin registered as a trust root. An
    image that runs under several names on a host is looked at under each, and the worst counts; what was started by an
    image ID claims no name. Forged or spoiled signatures, those of somebody who is not registered, and a tag that is
    signed for another image are critical. Where no trust root speaks for the name, or nobody has looked yet, it is
    unknown, a blind spot; where the registry cannot be asked, the last verdict stands for a day past its time and is
    unknown after that. Signatures that an engine verified by itself (Identity.Signature, API 1.53 and later) are shown,
    but do not make a pass: the keys were the engine's choice and not yours.

    Why it matters:
    Whoever can write to the registry, or answer in its place, decides what runs. A digest says that the content did not
    change on the way; it does not say who made it.

    How to fix:
    Sign images in the pipeline with cosign or Notation, register the public key here as a trust root, and let the place
    that deploys them verify. What is invalid or signed by a stranger is first of all a question to its publisher: until
    it is answered, run the last image that was verified. Docker Content Trust is no way any more: its service closes on
    8 December 2026.

    What the fix may break:
    Deployments of images that nobody signed stop as soon as verification is enforced.

    References:
    - CIS Docker 1.6.0 4.5
    - CIS Docker 1.6.0 4.12
    - NIST SP 800-190 4.1.5
    - https://www.docker.com/blog/retiring-docker-content-trust/
    """

    title = "No valid signature"
    good = "Its publisher's signature was verified against a registered key."
    catalogue = "TRU-005"
    severity = Severity.HIGH
    facts = ("RepoDigests", "Identity.Signature")
    stages = PRODUCTION_ONLY
    bound_to = ("Signature",)
    never_waived = PRODUCTION_ONLY
    remedy = Remedy(
        docker="cosign sign registry.internal/web@sha256:…", compose="image: registry.internal/web@sha256:…"
    )

    @classmethod
    def must_be_mended(cls, stage: Stage, severity: str, evidence: Mapping[str, Any]) -> bool:
        """Only what is invalid: what nobody signed may be accepted for a while."""
        return super().must_be_mended(stage, severity, evidence) and "invalid" in evidence.get("Signature", {}).values()

    def judge(self, subject: ImageSubject) -> Outcome:
        image, proofs = subject.facts, subject.proven.proofs
        evidence: dict[str, Json] = {"RepoDigests": list(image.digests)} if image.digests else {}
        if image.signatures:
            evidence["Identity.Signature"] = {"verified": image.signatures}
        if not proofs:
            return uncollected(
                "No trust root is registered, so nobody was asked: an admin registers its publisher's public key, "
                "with ./loadline trust root add.",
                evidence,
            )
        evidence |= _told(proofs)
        worst = min(proofs, key=_rank)
        reason = _sentence(worst, several=len(proofs) > 1)
        if worst.state == PROVEN:
            return passed(evidence, reason, freshness=0.5 if worst.as_of else 1.0)
        if worst.state in _WORST_FIRST:
            return failed(evidence, reason, severity=Severity.CRITICAL if worst.state in GRAVE else None)
        if worst.state == "no-policy" or not worst.looked:
            return uncollected(f"{reason} {_remedy(worst)}", evidence)
        return unknown(reason, evidence)


def _rank(proof: Proof) -> tuple[int, bool]:
    """What is known to be bad first, then what is not known, and of what is proven what nobody could look at again."""
    if proof.state in _WORST_FIRST:
        return _WORST_FIRST.index(proof.state), False
    return len(_WORST_FIRST) + (proof.state == PROVEN), proof.as_of is None


def _told(proofs: Sequence[Proof]) -> dict[str, Json]:
    """By name, without what is not known. No time of a look that found the same: the evidence would be another each
    time.
    """
    found: dict[str, dict[str, Json]] = {}
    for one in proofs:
        told = {
            "Signature": one.state,
            "Trust root": one.root,
            "Signer": one.signer,
            "Signed digest": one.digest,
            "Why": one.reason,
            "As of": one.as_of.isoformat(timespec="minutes") if one.as_of else "",
        }
        for what, value in told.items():
            if value:
                found.setdefault(what, {})[one.name or "image ID"] = value
    return dict(found)


def _sentence(proof: Proof, *, several: bool) -> str:
    said = f"{proof.name}: {proof.sentence}" if several and proof.name else proof.sentence
    if proof.as_of is not None:
        since = f"{proof.as_of:%Y-%m-%d at %H:%M} UTC"
        said += f" That was found on {since}, and nobody could look again since. {proof.obstacle}".rstrip()
    return said


def _remedy(proof: Proof) -> str:
    if not proof.looked:
        return "A job looks at it within minutes, once a worker runs."
    if not proof.name:
        return "Start it by its name and tag, or by its name and digest."
    return "An admin registers its publisher's public key, with ./loadline trust root add."
