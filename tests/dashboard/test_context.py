from __future__ import annotations

from django.test import RequestFactory

from dashboard import context


def test_a_page_without_a_shell_does_not_pay_for_one(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    asked = []
    monkeypatch.setattr(context.around, "shell", asked.append)
    given = context.shell_context(RequestFactory().get("/"))["shell"]
    assert asked == []
    bool(given)
    assert len(asked) == 1
