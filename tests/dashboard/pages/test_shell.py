from __future__ import annotations

from dashboard.pages.shell import navigation


def test_the_navigation_stands_in_its_order() -> None:
    sections = navigation("overview", counts={})
    assert [section.title for section in sections] == ["", "Fleet", "Readiness", "Decide", "Prove"]
    assert [item.label for item in sections[2].items] == [
        "Network", "State", "Trust", "Runtime", "Resilience", "Hardening",
    ]  # fmt: skip


def test_one_item_is_where_the_reader_is() -> None:
    items = [item for section in navigation("hosts", counts={}) for item in section.items]
    assert [item.key for item in items if item.active] == ["hosts"]


def test_what_was_not_counted_is_not_zero() -> None:
    items = {item.key: item for section in navigation("hosts", counts={"hosts": 0}) for item in section.items}
    assert items["hosts"].count == 0
    assert items["services"].count is None
