"""Until when operating systems get security fixes, as data to be refreshed with each release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

#: From endoflife.date and the vendors' own pages.
AS_OF = date(2026, 8, 22)


@dataclass(frozen=True, slots=True)
class Support:
    """`standard` is the last day of fixes for everybody, `extended` of those for some: LTS, ESM, a paid contract."""

    product: str
    version: str
    standard: date
    extended: date | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """`pattern` recognises the product in /info OperatingSystem; `parts` is how much of its version counts."""

    name: str
    pattern: str
    parts: int
    ends: Mapping[str, tuple[str, ...]]  # version to standard end and, perhaps, extended end


#: The first pattern that matches decides, so the more particular name comes first.
PRODUCTS = (
    Product(
        "Debian",
        r"\bdebian\b",
        1,
        {
            "13": ("2028-08-09", "2030-06-30"),
            "12": ("2026-07-11", "2028-06-30"),
            "11": ("2024-08-14", "2026-08-31"),
            "10": ("2022-09-10", "2024-06-30"),
            "9": ("2020-07-18", "2022-06-30"),
            "8": ("2018-06-17", "2020-06-30"),
        },
    ),
    Product(
        "Ubuntu",
        r"\bubuntu\b",
        2,
        {
            "26.04": ("2031-04-30", "2036-04-30"),
            "25.10": ("2026-07-01",),
            "25.04": ("2026-01-17",),
            "24.10": ("2025-07-10",),
            "24.04": ("2029-05-31", "2036-05-31"),
            "23.10": ("2024-07-12",),
            "23.04": ("2024-01-20",),
            "22.10": ("2023-07-20",),
            "22.04": ("2027-04-01", "2032-04-09"),
            "20.04": ("2025-05-31", "2030-04-02"),
            "18.04": ("2023-05-31", "2028-04-01"),
            "16.04": ("2021-04-02", "2026-04-02"),
            "14.04": ("2019-04-02", "2024-04-02"),
        },
    ),
    Product("CentOS Stream", r"\bcentos stream\b", 1, {"9": ("2027-05-31",), "8": ("2024-05-31",)}),
    Product("CentOS", r"\bcentos\b", 1, {"8": ("2021-12-31",), "7": ("2024-06-30",), "6": ("2020-11-30",)}),
    Product(
        "Red Hat Enterprise Linux",
        r"\bred hat enterprise linux\b|\brhel\b",
        1,
        {
            "10": ("2035-05-31",),
            "9": ("2032-05-31", "2035-05-31"),
            "8": ("2029-05-31", "2032-05-31"),
            "7": ("2024-06-30", "2028-06-30"),
            "6": ("2020-11-30", "2024-06-30"),
        },
    ),
    Product("Rocky Linux", r"\brocky\b", 1, {"10": ("2035-05-31",), "9": ("2032-05-31",), "8": ("2029-05-31",)}),
    Product("AlmaLinux", r"\balma ?linux\b", 1, {"10": ("2035-05-31",), "9": ("2032-05-31",), "8": ("2029-05-31",)}),
    Product(
        "Oracle Linux",
        r"\boracle linux\b",
        1,
        {
            "9": ("2032-06-30", "2034-06-30"),
            "8": ("2029-07-31", "2031-07-31"),
            "7": ("2024-12-31", "2026-06-30"),
            "6": ("2021-03-01", "2024-12-31"),
        },
    ),
    Product("Amazon Linux", r"\bamazon linux\b", 1, {"2023": ("2029-06-30",), "2": ("2026-06-30",)}),
    Product("SUSE Linux Micro", r"\b(?:suse linux|suse linux enterprise|sle) micro\b", 2, {"6.2": ("2029-11-30",)}),
    Product(
        "SUSE Linux Enterprise Server",
        r"\bsuse linux enterprise\b|\bsles\b",
        2,
        {
            "16.0": ("2027-11-30",),
            "15.7": ("2031-07-31",),
            "15.6": ("2025-12-31",),
            "15.5": ("2024-12-31", "2027-12-31"),
            "15.4": ("2023-12-31", "2026-12-31"),
            "15.3": ("2022-12-31", "2025-12-31"),
            "12.5": ("2024-10-31", "2027-10-31"),
        },
    ),
    Product(
        "openSUSE Leap",
        r"\bopensuse leap\b",
        2,
        {"16.0": ("2027-10-31",), "15.6": ("2026-04-30",), "15.5": ("2024-12-31",), "15.4": ("2023-12-07",)},
    ),
    Product(
        "Alpine Linux",
        r"\balpine\b",
        2,
        {
            "3.24": ("2028-06-01",),
            "3.23": ("2027-11-01",),
            "3.22": ("2027-05-01",),
            "3.21": ("2026-11-01",),
            "3.20": ("2026-04-01",),
            "3.19": ("2025-11-01",),
            "3.18": ("2025-05-09",),
            "3.17": ("2024-11-22",),
            "3.16": ("2024-05-23",),
        },
    ),
    Product(
        "Fedora",
        r"\bfedora\b",
        1,
        {
            "44": ("2027-06-02",),
            "43": ("2026-12-09",),
            "42": ("2026-05-13",),
            "41": ("2025-12-15",),
            "40": ("2025-05-13",),
            "39": ("2024-11-26",),
        },
    ),
    Product(
        "Container-Optimized OS",
        r"\bcontainer-optimized os\b",
        1,
        {"129": ("2028-03-31",), "125": ("2027-09-30",), "121": ("2027-03-31",)},
    ),
    Product(
        "Windows Server",
        r"\bwindows server\b",
        1,
        {"2025": ("2034-11-14",), "2022": ("2031-10-14",), "2019": ("2029-01-09",), "2016": ("2027-01-12",)},
    ),
)
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")
_SERVICE_PACK = re.compile(r"\b(\d+) sp(\d+)\b")


def support_of(operating_system: str, os_version: str | None) -> Support | None:
    """How long that system is supported; None when the table does not have it."""
    text = operating_system.lower()
    product = next((one for one in PRODUCTS if re.search(one.pattern, text)), None)
    if product is None:
        return None
    # The year in a Windows Server's name is its version; VERSION there is a build number.
    spoken = _SERVICE_PACK.sub(r"\1.\2", text)
    candidates = [spoken] if product.name == "Windows Server" else [os_version or "", spoken]
    for candidate in candidates:
        match = _NUMBERS.search(candidate)
        if match is None:
            continue
        version = ".".join(match[0].split(".")[: product.parts])
        ends = [date.fromisoformat(day) for day in product.ends.get(version, ())]
        if ends:
            return Support(product.name, version, ends[0], ends[1] if len(ends) > 1 else None)
    return None
