"""`./loadline sweep` counts a fleet only when there is something new to count."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from fleet.adoption import record_day
from fleet.management.commands import sweep
from fleet.sweeping import Swept
from tests.rows import host_row

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changed", "ok", "recorded", "counted"),
    [(0, True, True, 0), (3, True, True, 1), (0, False, True, 1), (0, True, False, 1)],
    ids=["quiet", "changed", "failed", "the first of a day"],
)
def test_a_quiet_sweep_does_not_count_again(
    monkeypatch: pytest.MonkeyPatch, *, changed: int, ok: bool, recorded: bool, counted: int
) -> None:
    host_row()
    result = Swept("prod-01", ok, None if ok else "No.", 0.1, 1, changed)
    times: list[object] = []
    monkeypatch.setattr(sweep, "sweep_claimed", lambda *_, **__: [result])
    monkeypatch.setattr(sweep, "_count", lambda: times.append(None))
    if recorded:
        record_day(timezone.now())
    try:
        call_command("sweep", "--json")
    except SystemExit:
        assert not ok
    assert len(times) == counted
