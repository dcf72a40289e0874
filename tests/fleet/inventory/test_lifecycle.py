from __future__ import annotations

from datetime import date

import pytest
from fleet.inventory.lifecycle import PRODUCTS, support_of


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("Arch Linux", None),
        ("debian", None),
        ("Debian GNU/Linux trixie/sid", None),
        ("Ubuntu 99.04", "99.04"),
        ("", "12"),
    ],
)
def test_a_system_that_is_not_in_the_table_is_none(name: str, version: str | None) -> None:
    assert support_of(name, version) is None


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("Debian GNU/Linux 12 (bookworm) (containerized)", "12", ("Debian", "12")),
        ("debian", "12", ("Debian", "12")),
        ("Ubuntu 24.04.3 LTS", "24.04", ("Ubuntu", "24.04")),
        ("Ubuntu 22.04.5 LTS", None, ("Ubuntu", "22.04")),
        ("CentOS Stream 9", "9", ("CentOS Stream", "9")),
        ("CentOS Linux 7 (Core)", "7", ("CentOS", "7")),
        ("Red Hat Enterprise Linux 8.9 (Ootpa)", "8.9", ("Red Hat Enterprise Linux", "8")),
        ("Rocky Linux 9.3 (Blue Onyx)", "9.3", ("Rocky Linux", "9")),
        ("AlmaLinux 8.10 (Cerulean Leopard)", None, ("AlmaLinux", "8")),
        ("Oracle Linux Server 8.9", "8.9", ("Oracle Linux", "8")),
        ("Amazon Linux 2", "2", ("Amazon Linux", "2")),
        ("Amazon Linux 2023.5.20240708", "2023", ("Amazon Linux", "2023")),
        ("SUSE Linux Enterprise Server 15 SP7", None, ("SUSE Linux Enterprise Server", "15.7")),
        ("SUSE Linux Enterprise Server 15 SP6", "15.6", ("SUSE Linux Enterprise Server", "15.6")),
        ("SUSE Linux Micro 6.2", "6.2", ("SUSE Linux Micro", "6.2")),
        ("openSUSE Leap 15.6", "15.6", ("openSUSE Leap", "15.6")),
        ("Alpine Linux v3.20", "3.20.3", ("Alpine Linux", "3.20")),
        ("Fedora Linux 43 (Server Edition)", "43", ("Fedora", "43")),
        ("Container-Optimized OS from Google", "125", ("Container-Optimized OS", "125")),
        (
            "Microsoft Windows Server Version 21H2 (OS Build 20348)",
            "10.0.20348",
            None,
        ),
        ("Windows Server 2022 Datacenter", "10.0.20348", ("Windows Server", "2022")),
    ],
)
def test_names_are_read_as_engines_write_them(name: str, version: str | None, expected: tuple[str, str] | None) -> None:
    support = support_of(name, version)
    assert (support and (support.product, support.version)) == expected


def test_the_extended_period_is_told_apart() -> None:
    support = support_of("Debian GNU/Linux 12 (bookworm)", "12")
    assert support is not None
    assert (support.standard, support.extended) == (date(2026, 7, 11), date(2028, 6, 30))


def test_every_date_in_the_table_is_one_and_extended_support_ends_later() -> None:
    for product in PRODUCTS:
        for version, ends in product.ends.items():
            days = [date.fromisoformat(day) for day in ends]
            assert 1 <= len(days) <= 2
            assert days == sorted(days), (product.name, version)
