"""Without an authorization plugin whoever may speak to the engine may do everything."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class NoAuthorizationPlugin(HostRule):
    """Nothing decides who may ask this engine for what.

    What it looks at:
    Plugins.Authorization of the engine's info. A filtering proxy before the socket serves the same end and is not
    seen here: exempt such hosts in the policy. Podman has no such plugins.

    Why it matters:
    The engine knows two kinds of callers: those who reach it and those who do not. A deployment job that only restarts
    one service, a metric agent that only reads and an administrator are all root on the host. A plugin sees every
    request with the caller's certificate and can refuse it.

    How to fix:
    Install a plugin such as opa-docker-authz, begin with a policy that allows all and logs, and then narrow it by the
    names in the client certificates. Or let clients reach the engine only through a proxy that passes the paths they
    need, and record that in the policy. Keep the engine current: some versions could be led past their plugin.

    What the fix may break:
    A plugin that does not answer stops every request, those of the health of your platform included: start it before
    the engine and watch it. Clients that did more than you knew are refused.

    References:
    - CIS Docker 1.6.0 2.12
    - OWASP Docker Security Cheat Sheet, rule 1
    - Docker documentation, Access authorization plugin
    """

    title = "Engine without an authorization plugin"
    good = "A plugin decides what each caller may ask the engine for."
    catalogue = "HRD-020"
    severity = Severity.LOW
    facts = ("Plugins.Authorization",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="dockerd --authorization-plugin opa-docker-authz",
        compose='# daemon.json\n{"authorization-plugins": ["opa-docker-authz"]}',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        if subject.facts.kind == "podman":
            return not_applicable("Podman has no authorization plugins.")
        plugins = known(subject.facts.authorization_plugins, "Plugins.Authorization")
        evidence = {"Plugins.Authorization": sorted(plugins)}
        return passed(evidence) if plugins else failed(evidence)
