"""Whoever reaches the engine may do everything, unless somebody looks at each request."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class NoAuthorizationPlugin(HostRule):
    """No plugin decides what a client of the engine may do.

    What it looks at:
    Plugins.Authorization of /info.

    Why it matters:
    The engine's interface knows no roles: a client that may list containers may also start a privileged one. A plugin,
    or a proxy that lets only some requests through, gives each client what it needs.

    How to fix:
    Use an authorization plugin, keep it and the engine up to date (CVE-2026-34040 let requests past it), or put a
    filtering proxy before the socket and let clients reach nothing else.

    What the fix may break:
    Clients that are refused stop working; a plugin that is down refuses everything.

    References:
    - CIS Docker 1.6.0 2.12
    """

    title = "No authorization plugin"
    good = "A plugin decides what each client may do."
    catalogue = "HRD-020"
    severity = Severity.LOW
    facts = ("Plugins.Authorization",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="dockerd --authorization-plugin NAME", compose='{ "authorization-plugins": ["NAME"] }')

    def judge(self, subject: HostSubject) -> Outcome:
        if subject.facts.kind == "podman":
            return not_applicable("Podman has no such plugins.")
        plugins = known(subject.facts.authorization_plugins, "Plugins.Authorization")
        evidence = {"Plugins.Authorization": list(plugins)}
        return passed(evidence) if plugins else failed(evidence)
