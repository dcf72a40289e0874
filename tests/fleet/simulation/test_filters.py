from __future__ import annotations

import pytest

from fleet.simulation.filters import BadFilterError, passes, read_filters
from fleet.simulation.states import state_at
from tests.fleet.simulation.builders import NOW, container


def kept(text: str) -> bool:
    subject = container("web-1", labels={"a": "b"})
    return passes(subject, "cafe" * 16, state_at(subject, began=NOW, now=NOW), read_filters(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ('{"label":["a=b"]}', True),
        ('{"label":["a"]}', True),
        ('{"label":{"a=b":true}}', True),
        ('{"label":["a","c"]}', False),
        ('{"name":["web"]}', True),
        ('{"name":["api"]}', False),
        ('{"status":["exited","running"]}', True),
        ('{"status":["exited"]}', False),
        ('{"id":["cafe"]}', True),
        ('{"id":["beef"]}', False),
        ('{"network":["bridge"]}', True),
        ('{"health":["healthy"]}', False),
    ],
)
def test_a_container_is_kept_or_not(text: str, expected: bool) -> None:
    assert kept(text) is expected


@pytest.mark.parametrize(("text", "status"), [('{"colour":["red"]}', 400), ("nonsense", 500), ('{"name":3}', 500)])
def test_what_the_engine_refuses_is_refused(text: str, status: int) -> None:
    with pytest.raises(BadFilterError) as refused:
        read_filters(text)
    assert refused.value.status == status
