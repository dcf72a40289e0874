"""Rules that exist only in tests, since a real one would tie the frame's tests to one rule's case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fleet.readiness.findings import Outcome, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.vocabulary import Severity

DOCUMENTATION = """Something is wrong.

What it looks at:
A field.

Why it matters:
A reason.

How to fix:
A step.

What the fix may break:
Another thing.

References:
- A source
"""


def rule_class(
    judge: Callable[[Any], Outcome] | None = None,
    *,
    base: type = ContainerRule,
    module: str = "fleet.readiness.rules.hardening.made_up",
    documentation: str = DOCUMENTATION,
    without: str = "",
    **attributes: Any,
) -> Any:
    """A class as if it stood in that module. `without` names an attribute to leave out."""
    body: Mapping[str, Any] = {
        "__module__": module,
        "__doc__": documentation,
        "title": "Made up",
        "good": "Nothing is made up.",
        "catalogue": "HRD-999",
        "severity": Severity.HIGH,
        "facts": ("Some.Field",),
        "remedy": Remedy("docker run …", "key: value"),
        "judge": lambda _self, subject: judge(subject) if judge else passed(),
        **attributes,
    }
    return type("MadeUp", (base,), {name: value for name, value in body.items() if name != without})
