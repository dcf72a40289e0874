"""Where an image comes from decides who can put code into the fleet."""

from __future__ import annotations

from fleet.inventory import ImageReference
from fleet.readiness.findings import Json, Outcome, failed, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.keeping import image_name_of

_UNDECIDED = (
    "Nobody has set which registries are allowed; an admin does that on the policy page "
    "or in LOADLINE_ALLOWED_REGISTRIES."
)
_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})


class RegistryNotAllowed(ContainerRule):
    """The image comes from a registry that the organisation has not put on its list.

    What it looks at:
    The registry in Config.Image (docker.io where none is written) and, where the engine knows better, the repositories
    it pulled the image from: Identity.Pull of the image (API 1.53 and later), else its RepoDigests. A name alone can be
    given to any image with docker tag. While nobody has set a list, on the policy page or in the environment variable
    LOADLINE_ALLOWED_REGISTRIES, the finding is unknown.

    Why it matters:
    A registry is a supplier. From one that nobody chose come images that nobody reviews, scans or keeps: look-alike
    names on public registries are a common way in, and an image that its owner deletes cannot be deployed again.

    How to fix:
    Mirror the image into a registry on the list and deploy it from there. If the registry is one that you do trust, an
    admin adds it to allowed_registries on the policy page or, where the policy names none, to
    LOADLINE_ALLOWED_REGISTRIES: host names, or host and path (ghcr.io/acme) to trust one owner only.

    What the fix may break:
    A mirrored image does not update by itself: let a job copy new versions. Rate limits and credentials are those of
    the mirror, so hosts need a docker login for it.

    References:
    - CIS Docker 1.6.0 4.2
    - NIST SP 800-190 4.1.5 and 4.2.1
    """

    title = "Image from a registry that is not on the list"
    good = "The image comes from a registry on the list."
    catalogue = "TRU-003"
    severity = Severity.CRITICAL
    facts = ("Config.Image", "RepoDigests", "Identity.Pull[].Repository")
    remedy = Remedy(
        docker="docker pull quay.io/acme/web:1.4\n"
        "docker tag quay.io/acme/web:1.4 registry.internal/acme/web:1.4\n"
        "docker push registry.internal/acme/web:1.4",
        compose="image: registry.internal/acme/web:1.4@sha256:…",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        allowed = subject.around.policy.allowed_registries
        if not allowed:
            return unknown(_UNDECIDED)
        name = image_name_of(subject.facts, subject.image)
        if name is None:
            return unknown("The image has no name on this host, so nothing tells its registry.")
        evidence: dict[str, Json] = {"Config.Image": subject.facts.image_reference}
        if not _on_list(name, allowed):
            return failed(evidence, f"{name.registry} is not on the list.")
        field, origins = _origins(subject)
        if origins and not any(_on_list(origin, allowed) for origin in origins):
            others = ", ".join(sorted({origin.registry for origin in origins}))
            evidence[field] = [origin.full_repository for origin in origins]
            return failed(evidence, f"Its name says {name.registry}, but it came from {others}.")
        return passed(evidence)


def _origins(subject: ContainerSubject) -> tuple[str, list[ImageReference]]:
    """Repositories that the engine pulled the image from, or pushed it to; empty when it does not know."""
    image = subject.image
    if image is None:
        return "RepoDigests", []
    field, texts = ("Identity.Pull", image.pulled_from) if image.pulled_from else ("RepoDigests", image.digests)
    return field, [name for text in texts or () if (name := ImageReference.parse(text))]


def _on_list(name: ImageReference, allowed: tuple[str, ...]) -> bool:
    places = [f"{registry}/{name.repository}" for registry in (_HUB if name.registry in _HUB else (name.registry,))]
    return any(place == entry or place.startswith(entry.rstrip("/") + "/") for entry in allowed for place in places)
