"""The questions that the shipped tables answer."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from fleet.inventory import ImageReference
from fleet.inventory.versions import Version
from fleet.tables import NAMES, Tables
from fleet.tables.shapes import Support, Vulnerability, faults

SHIPPED = Tables.shipped()


def support_of(name: str, version: str | None) -> Support | None:
    return SHIPPED.systems.support(name, version)


def holes(text: str, component: str = "runc") -> set[str]:
    version = Version.parse(text)
    assert version is not None
    return {hole.id for hole in SHIPPED.vulnerabilities.of(component, version)}


def known(text: str) -> set[str]:
    """Of runc's escapes."""
    version = Version.parse(text)
    assert version is not None
    return {hole.id for hole in SHIPPED.vulnerabilities.of("runc", version) if hole.escape}


def directories(text: str) -> tuple[str, ...] | None:
    reference = ImageReference.parse(text)
    assert reference is not None
    found = SHIPPED.datastores.known(reference)
    return found.directories if found else None


_NOVEMBER_2025 = {"CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"}


@pytest.mark.parametrize("text", ["1.2.7", "1.3.2", "1.4.0-rc.2", "1.1.15"])
def test_the_last_release_before_each_fix_has_the_flaws(text: str) -> None:
    assert known(text) == _NOVEMBER_2025


@pytest.mark.parametrize("text", ["1.2.8", "1.3.3", "1.4.0-rc.3", "1.4.0", "1.5.1"])
def test_each_fixed_branch_is_clean(text: str) -> None:
    assert known(text) == set()


def test_rc6_has_the_flaw_of_2019_and_rc7_has_not() -> None:
    assert "CVE-2019-5736" in known("1.0.0-rc6")
    assert "CVE-2019-5736" not in known("1.0.0-rc7")


def test_a_flaw_does_not_reach_back_before_it_was_made() -> None:
    assert "CVE-2025-52565" not in known("1.0.0-rc2")
    assert "CVE-2025-52565" in known("1.0.0-rc3")


def test_one_patch_release_less_makes_the_difference() -> None:
    assert "CVE-2024-21626" in known("1.1.11")
    assert "CVE-2024-21626" not in known("1.1.12")


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


@pytest.mark.parametrize("text", ["nginx", "postgres-exporter:1", "mongo-express", "kafka-ui", "acme/server", "mysqld"])
def test_an_image_that_only_sounds_alike_is_not_known(text: str) -> None:
    assert directories(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres", "/var/lib/postgresql/data"),
        ("postgres:17-alpine", "/var/lib/postgresql/data"),
        ("postgres:18", "/var/lib/postgresql"),
        ("postgres:18.1-trixie", "/var/lib/postgresql"),
        ("registry.internal:5000/base/postgis:16", "/var/lib/postgresql/data"),
        ("mcr.microsoft.com/mssql/server:2022-latest", "/var/opt/mssql"),
        ("container-registry.oracle.com/database/free:latest", "/opt/oracle/oradata"),
        ("valkey/valkey", "/data"),
    ],
)
def test_known_images_are_found_by_their_last_part(text: str, expected: str) -> None:
    assert directories(text) == (expected,)


def test_every_date_in_the_table_is_one_and_extended_support_ends_later() -> None:
    for product in SHIPPED.systems.entries:
        for version, days in product.ends.items():
            assert list(days) == sorted(days), (product.name, version)


def test_directories_are_absolute_and_no_image_keeps_data_and_keeps_none() -> None:
    assert all(path.startswith("/") for one in SHIPPED.datastores.entries.values() for path in one.directories)
    assert not set(SHIPPED.datastores.entries) & SHIPPED.datastores.stateless


def test_every_port_is_one_and_says_what_listens_there() -> None:
    assert all(0 < port < 65536 and name for port, name in SHIPPED.ports.entries.items())


def test_a_branch_without_a_repair_of_its_own_has_the_hole_until_a_later_branch() -> None:
    hole = Vulnerability("CVE-1", "engine", "high", ("27.5.1", "28.2.0"))
    texts = ("26.1.5", "27.5.0", "27.5.1", "28.1.9", "28.2.0", "29.0.0")
    versions = {text: Version.parse(text) for text in texts}
    affected = [text for text, version in versions.items() if version and hole.affects(version)]
    assert affected == ["26.1.5", "27.5.0", "28.1.9"]


def test_a_branch_is_named_as_its_makers_name_it() -> None:
    version = Version.parse("20.10.24")
    assert version is not None
    branch = SHIPPED.components.branch("engine", version)
    assert branch is not None
    assert branch[0] == "20.10"
    assert SHIPPED.components.branch("nothing", version) is None


def test_the_shipped_tables_have_no_fault() -> None:
    assert [fault for name in SHIPPED.__struct_fields__ for fault in faults(SHIPPED.table(name))] == []


def test_age_is_in_days_and_never_below_none() -> None:
    ports = SHIPPED.ports
    assert ports.age(date.fromordinal(ports.as_of.toordinal() + 40)) == 40
    assert ports.age(date(2020, 1, 1)) == 0


def version(text: str) -> Version:
    found = Version.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "affected"), [("2.3.4", True), ("2.2.1", None), ("1.7.30", None), ("2.3.5", False)])
def test_of_a_branch_that_nobody_looked_up_nothing_is_said(text: str, *, affected: bool | None) -> None:
    hole = Vulnerability("CVE-1", "containerd", "high", ("2.3.5",), elsewhere="unknown")
    assert hole.affects(version(text)) is affected


def test_certain_and_unsettled_holes_are_told_apart() -> None:
    table = SHIPPED.vulnerabilities
    certain = {hole.id for hole in table.of("containerd", version("2.2.0"))}
    open_ = {hole.id for hole in table.unsettled("containerd", version("2.2.0"))}
    assert "CVE-2026-53495" in open_ - certain


@pytest.mark.parametrize(
    ("component", "text", "branch"),
    [
        ("engine", "18.03.1-ce", ("before 18.06", "2018-12-08")),
        ("engine", "1.13.1", ("before 17", "2018-12-08")),
        ("containerd", "1.3.9", ("before 1.4", "2022-03-03")),
        ("podman", "2.2.1", ("before 3", "2022-02-28")),
    ],
)
def test_a_branch_older_than_all_that_are_listed_ended_before_them(
    component: str, text: str, branch: tuple[str, str]
) -> None:
    found = SHIPPED.components.branch(component, version(text))
    assert found is not None
    assert (found[0], str(found[1])) == branch


@pytest.mark.parametrize(("component", "text"), [("engine", "31.0.0"), ("containerd", "3.0.0"), ("podman", "7.0.0")])
def test_of_a_newer_branch_nothing_is_said(component: str, text: str) -> None:
    assert SHIPPED.components.branch(component, version(text)) is None


def test_only_covered_components_are_spoken_of() -> None:
    assert SHIPPED.vulnerabilities.cover("engine")
    assert not SHIPPED.vulnerabilities.cover("podman")


def test_each_table_says_how_many_things_it_tells_of() -> None:
    assert all(SHIPPED.table(name).size > 0 for name in NAMES)
    assert SHIPPED.components.size > len(SHIPPED.components.entries)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("flocker", "ClusterHQ"),
        ("rexray", "REX-Ray"),
        ("rexray/ebs:latest", "REX-Ray"),
        ("vieux/sshfs", "vieux/sshfs"),
        ("store/portworx/pxd:3.1", "Portworx"),
        ("registry.internal:5000/rexray/ebs@sha256:ab12", "REX-Ray"),
    ],
)
def test_a_driver_is_known_by_its_parts(name: str, note: str) -> None:
    found = SHIPPED.drivers.known(name)
    assert found is not None
    assert note in found.note


@pytest.mark.parametrize("name", ["local", "", "acme/thing:1", "flocker-two"])
def test_a_driver_that_is_not_in_the_table_is_not_known(name: str) -> None:
    assert SHIPPED.drivers.known(name) is None


def test_where_a_shipped_driver_keeps_its_data_comes_with_a_source() -> None:
    assert [name for name, one in SHIPPED.drivers.entries.items() if one.keeps != "unknown" and not one.source] == []


def test_copies_by_option_need_the_name_of_the_option() -> None:
    pxd = msgspec.structs.replace(SHIPPED.drivers.entries["pxd"], copies_option="")
    table = msgspec.structs.replace(SHIPPED.drivers, entries={"pxd": pxd})
    assert list(faults(table)) == ["entries.pxd: copies_option goes with keeps by-option"]
