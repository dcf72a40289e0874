from __future__ import annotations

from dashboard.charts.letters import broken, fitted, fitting, width


def test_wide_letters_are_wider_and_bold_ones_wider_still() -> None:
    assert width("iii", 12) < width("nnn", 12) < width("nnn", 12, bold=True) < width("MMM", 12)


def test_what_fits_stays_as_it_is() -> None:
    assert fitted("checkout", 200, 12) == "checkout"


def test_what_does_not_fit_ends_in_an_ellipsis_and_then_fits() -> None:
    short = fitted("search-index-of-everything", 80, 12)
    assert short.endswith("…")
    assert short[:-1] in "search-index-of-everything"
    assert width(short, 12) <= 80


def test_the_first_text_that_fits_is_taken_and_the_last_is_cut() -> None:
    texts = ("overlay, encrypted, internal", "encrypted, internal", "encrypted")
    assert fitting(texts, 500, 10) == texts[0]
    assert fitting(texts, width(texts[1], 10), 10) == texts[1]
    assert fitting(texts, 30, 10).endswith("…")


def test_a_long_name_is_broken_behind_what_parts_its_words() -> None:
    assert broken("customer-notification-gateway", 80, 12, most=3) == ("customer-", "notification-", "gateway")
    assert broken("checkout", 80, 12, most=3) == ("checkout",)


def test_what_the_last_line_has_no_room_for_is_cut() -> None:
    first, last = broken("customer-notification-gateway-of-everything", 80, 12, most=2)
    assert (first, last[-1]) == ("customer-", "…")
    assert broken("W" * 40, 80, 12, most=3)[-1].endswith("…")
