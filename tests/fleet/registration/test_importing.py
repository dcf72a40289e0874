"""Many hosts from one CSV."""

from __future__ import annotations

from pathlib import Path

import pytest
from auditlog.models import LogEntry

from fleet.models import Host
from fleet.registration import ImportReport, import_hosts, read_rows
from tests.builders import NOW
from tests.fleet.registration.pem import folder, material

pytestmark = pytest.mark.django_db
HEADER = "name,url,environment,team\n"


def _import(text: str, *, dry_run: bool = False, base: Path | None = None) -> ImportReport:
    return import_hosts(read_rows(text.encode()), now=NOW, dry_run=dry_run, folder=base)


def _reasons(report: ImportReport) -> list[tuple[int, str]]:
    return [(bad.line, bad.column) for bad in report.rejected]


def test_good_rows_are_registered_though_others_are_bad() -> None:
    report = _import(
        HEADER
        + "a,tcp://127.0.0.1:1,production,web\n"
        + "b c,tcp://127.0.0.1:2,production,web\n"
        + "d,ftp://x,production,web\n"
        + "e,tcp://127.0.0.1:5,prod,web\n"
        + "f,tcp://127.0.0.1:6,,\n"
    )
    assert report.added == ["a", "f"]
    assert _reasons(report) == [(3, "name"), (4, "url"), (5, "environment")]
    assert set(Host.objects.values_list("name", "environment__slug")) == {("a", "production"), ("f", "production")}


def test_a_dry_run_reports_the_same_and_changes_nothing() -> None:
    _import(HEADER + "old,tcp://127.0.0.1:9,test,\n")
    before, trail = list(Host.objects.values()), LogEntry.objects.count()
    text = HEADER + "old,tcp://127.0.0.1:9,staging,\na,tcp://127.0.0.1:1,,\na,tcp://127.0.0.1:2,,\nb,x,,\n"
    dry = _import(text, dry_run=True)
    assert list(Host.objects.values()) == before
    assert LogEntry.objects.count() == trail
    real = _import(text)
    assert (dry.added, dry.updated, dry.rejected) == (real.added, real.updated, real.rejected)
    assert (real.added, real.updated, _reasons(real)) == (["a"], ["old"], [(4, "name"), (5, "url")])


def test_a_name_or_address_twice_in_the_file_names_the_first_line() -> None:
    report = _import(
        HEADER + "a,tcp://127.0.0.1:1,,\nA,tcp://127.0.0.1:2,,\nb,http://127.0.0.1:1/,,\na,tcp://127.0.0.1:1,,\n"
    )
    assert report.added == ["a"]
    assert _reasons(report) == [(3, "name"), (4, "url"), (5, "name")]
    assert all("line 2" in bad.reason for bad in report.rejected)


def test_the_same_file_twice_leaves_everything_unchanged() -> None:
    text = HEADER + "a,tcp://127.0.0.1:1,Staging,web\n"
    _import(text)
    again = _import(text)
    assert (again.added, again.updated, again.unchanged, again.rejected) == ([], [], ["a"], [])


def test_environment_and_team_of_a_known_host_are_updated() -> None:
    _import(HEADER + "a,tcp://127.0.0.1:1,staging,web\n")
    report = _import(HEADER + "a,tcp://127.0.0.1:1,production,shop\n")
    assert report.updated == ["a"]
    host = Host.objects.get()
    assert (host.environment.slug, host.team) == ("production", "shop")


def test_another_address_under_a_known_name_is_rejected_with_the_remedy() -> None:
    _import(HEADER + "a,tcp://127.0.0.1:1,,\n")
    report = _import(HEADER + "a,tcp://127.0.0.1:2,,\nb,tcp://127.0.0.1:1,,\n")
    assert _reasons(report) == [(2, "name"), (3, "url")]
    assert "./loadline host remove a" in report.rejected[0].reason
    assert Host.objects.get().url == "tcp://127.0.0.1:1"


def test_warnings_name_the_line() -> None:
    ((line, warning),) = _import(HEADER + "a,tcp://10.0.0.1:2375,,\n").warnings
    assert line == 2
    assert "not encrypted" in warning


def test_a_tls_folder_is_looked_for_beside_the_file(tmp_path: Path) -> None:
    tls = material()
    folder(tmp_path / "keys" / "a", tls)
    report = _import(
        "name,url,environment,team,tls_dir,engine\n"
        "a,tcp://10.0.0.1:2376,,,keys/a,docker\n"
        "b,tcp://10.0.0.2:2376,,,keys/b,\n"
        "c,unix:///run/x.sock,,,keys/a,\n"
        "d,tcp://10.0.0.4:2376,,,,podman5\n",
        base=tmp_path,
    )
    assert report.added == ["a"]
    assert _reasons(report) == [(3, "tls_dir"), (4, "url"), (5, "engine")]
    assert Host.objects.get().credentials() == (tls.ca, tls.certificate, tls.key)


def test_new_keys_in_the_folder_update_the_host(tmp_path: Path) -> None:
    folder(tmp_path / "keys", material())
    text = "name,url,environment,team,tls_dir\na,tcp://10.0.0.1:2376,,,keys\n"
    _import(text, base=tmp_path)
    assert _import(text, base=tmp_path).unchanged == ["a"]
    renewed = material()
    folder(tmp_path / "keys", renewed)
    assert _import(text, base=tmp_path).updated == ["a"]
    assert Host.objects.get().credentials()[2] == renewed.key


def test_bad_credentials_are_reported_under_the_column_they_came_from(tmp_path: Path) -> None:
    folder(tmp_path / "keys", material())
    (tmp_path / "keys" / "key.pem").write_text(material().key or "")
    report = _import("name,url,environment,team,tls_dir\na,tcp://10.0.0.1:2376,,,keys\n", base=tmp_path)
    assert _reasons(report) == [(2, "tls_dir")]


def test_an_upload_cannot_make_this_machine_read_its_own_folders(tmp_path: Path) -> None:
    folder(tmp_path / "keys", material())
    report = _import(f"name,url,environment,team,tls_dir\na,tcp://10.0.0.1:2376,,,{tmp_path / 'keys'}\n")
    assert _reasons(report) == [(2, "tls_dir")]
    assert not Host.objects.exists()


def test_two_hundred_hosts_are_one_import() -> None:
    text = HEADER + "".join(f"h{n},tcp://127.0.0.1:{n + 1},,\n" for n in range(200))
    assert len(_import(text).added) == 200
