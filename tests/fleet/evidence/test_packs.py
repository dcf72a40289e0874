"""Evidence packs: what is in one, in each form, and that its findings follow from the facts in it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from dashboard.evidence import findings_csv
from fleet.assessment import tell_what_turned
from fleet.evidence import AlteredPackError, document_of, fill_pack, make_pack, verify
from fleet.evidence.packing import NothingToProveError
from fleet.evidence.paper import as_pdf
from fleet.evidence.sarif import as_sarif
from fleet.inventory import ContainerFacts
from fleet.models import EvidencePack, Host
from fleet.models.answers import Answers
from fleet.proving import look_at_due
from fleet.readiness import catalogue
from tests.builders import NOW, OWNED, container, image, network, volume, volume_mount
from tests.fleet.governance.test_waivers import BERT, raise_to, waived
from tests.fleet.proving.scene import scene
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)
ODD = '=cmd|"/c calc"!A1 <b>&é'


def web(**changes: Any) -> ContainerFacts:
    fields = {"labels": {**OWNED, "loadline.service": "checkout"}, "mounts": (volume_mount("data"),), **changes}
    return container(**fields)


def fleet() -> None:
    """Two services on two hosts; one fails, one failure is accepted."""
    parts = {"images": (image(),), "networks": (network(),), "volumes": (volume(name="data"),)}
    first = swept(host_row(), web(memory=0, cap_add=("SYS_ADMIN",)), **parts)
    toy = container(id="d" * 64, name=ODD, labels={**OWNED, "loadline.service": "toy", "loadline.team": "lab"})
    swept(host_row("b"), toy, now=LATER)
    waived("no-memory-limit", BERT)
    swept(first, web(memory=0, cap_add=("SYS_ADMIN",)), now=LATER, **parts)


def pack(scope: str = "fleet", name: str = "") -> EvidencePack:
    return make_pack(scope=scope, name=name, by=None, maker="carla", now=LATER)


def document(scope: str = "fleet", name: str = "") -> dict[str, Any]:
    return document_of(pack(scope, name))


def test_it_tells_by_what_it_was_judged_and_how_old_each_source_is() -> None:
    fleet()
    made = document()
    assert made["versions"]["rules"] == catalogue.version()
    assert made["versions"]["policy"] is None
    assert (made["made_at"], made["made_by"]) == ("2026-11-24T12:01:00Z", "carla")
    assert {host["host"]: (host["answered_at"], host["stale"]) for host in made["hosts"]} == {
        "prod-01": ("2026-11-24T12:01:00Z", False),
        "b": ("2026-11-24T12:01:00Z", False),
    }
    assert {one["service"]: one["verdict"] for one in made["services"]} == {"checkout": "at-risk", "toy": "ready"}
    assert all(row["score"] is None or row["told"] > 0 for one in made["services"] for row in one["points"].values())
    (waiver,) = made["waivers"]
    assert (waiver["requested_by"], waiver["approved_by"]) == ("anna", ["bert"])


@pytest.mark.parametrize(
    ("scope", "name", "services"),
    [("fleet", "", ["checkout", "toy"]), ("team", "lab", ["toy"]), ("service", "checkout", ["checkout"])],
)
def test_it_is_about_what_was_asked_for(scope: str, name: str, services: list[str]) -> None:
    fleet()
    made = document(scope, name)
    assert [one["service"] for one in made["services"]] == services
    assert {row["service"] for row in made["findings"] if row["service"]} == set(services)


@pytest.mark.parametrize(("scope", "name"), [("service", "nothing"), ("team", "nobody"), ("fleet", "")])
def test_of_nothing_there_is_no_pack(scope: str, name: str) -> None:
    with pytest.raises(NothingToProveError):
        pack(scope, name)


def test_every_finding_follows_from_the_facts_in_it() -> None:
    fleet()
    made = document()
    found = verify(json.loads(json.dumps(made)))
    assert (found.differing, found.same_versions, found.reproduced) == ((), True, True)
    assert found.findings == len(made["findings"]) == Answers().count()


@pytest.mark.alike
@pytest.mark.parametrize(
    ("field", "value"),
    [("privileged", True), ("user", "root"), ("cap_add", [])],
)
def test_facts_that_were_altered_do_not_bear_the_findings_out(field: str, value: object) -> None:
    fleet()
    made = document("service", "checkout")
    (row,) = made["hosts"][0]["containers"]
    row["facts"][field] = value
    assert not verify(made).reproduced


@pytest.mark.alike
def test_a_finding_that_was_altered_does_not_follow() -> None:
    fleet()
    made = document()
    row = next(row for row in made["findings"] if row["rule"] == "dangerous-capability" and row["status"] == "fail")
    row["status"] = "pass"
    assert verify(made).differing == ("dangerous-capability on container web",)


def test_a_stored_pack_that_was_altered_is_not_read() -> None:
    fleet()
    made = pack()
    altered = gzip.decompress(bytes(made.document)).replace(b"SYS_ADMIN", b"SYS_CHAIR")
    made.document = gzip.compress(altered)
    with pytest.raises(AlteredPackError, match="not what was made"):
        document_of(made)


def test_the_same_facts_make_the_same_pack() -> None:
    fleet()
    assert pack().digest == pack().digest


@pytest.mark.alike
def test_a_pack_of_another_version_says_that_it_need_not_agree() -> None:
    fleet()
    made = document()
    made["versions"]["rules"] = "0123456789ab"
    found = verify(made)
    assert not found.same_versions
    assert "0123456789ab" in found.notes[0]


@pytest.mark.alike
def test_sarif_has_a_result_for_each_failure_and_suppresses_what_is_accepted() -> None:
    fleet()
    made = document()
    sarif = as_sarif(made)
    (run,) = sarif["runs"]
    failing = [row for row in made["findings"] if row["status"] == "fail"]
    assert sarif["version"] == "2.1.0"
    assert len(run["results"]) == len(failing) > 1
    known = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} == known
    assert {result["level"] for result in run["results"]} <= {"error", "warning", "note", "none"}
    (accepted,) = [result for result in run["results"] if result.get("suppressions")]
    assert accepted["ruleId"] == "no-memory-limit"
    assert accepted["suppressions"][0]["kind"] == "external"
    prints = [result["partialFingerprints"]["loadline/1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


@pytest.mark.alike
def test_a_sheet_has_a_row_for_each_finding_and_no_formula() -> None:
    fleet()
    made = document()
    rows = list(csv.DictReader(io.StringIO(findings_csv(made))))
    assert len(rows) == len(made["findings"])
    assert [row["status"] for row in rows if row["rule"] == "no-memory-limit"] == ["waived", "pass"]
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=+-@"]


@pytest.mark.alike
def test_the_paper_names_what_fails_what_is_accepted_and_on_what_it_rests() -> None:
    fleet()
    made = pack()
    pages = PdfReader(io.BytesIO(as_pdf(document_of(made), digest=made.digest))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for word in ("checkout", "SYS_ADMIN", "anna", "bert", "prod-01", made.digest[:12], catalogue.version(), "carla"):
        assert word in text, word
    assert "<b>" in text  # an engine's markup is text


@pytest.mark.alike
def test_a_paper_of_a_large_fleet_has_every_service() -> None:
    rows = [container(id=f"{n:064x}", name=f"c{n}", labels={**OWNED, "loadline.service": f"s{n}"}) for n in range(60)]
    swept(host_row(), *rows)
    made = pack()
    pages = PdfReader(io.BytesIO(as_pdf(document_of(made), digest=made.digest))).pages
    words = {word for page in pages for word in page.extract_text().split()}
    assert {f"s{n}" for n in range(60)} <= words


def test_a_pack_made_before_everything_was_judged_by_the_new_policy_says_so() -> None:
    fleet()
    assert document()["behind"] == []
    raise_to("critical")
    made = pack()
    assert (document_of(made)["behind"], made.summary["behind"]) == (["b", "prod-01"], 2)
    assert "2 hosts had not been judged" in verify(document_of(made)).notes[0]
    pages = PdfReader(io.BytesIO(as_pdf(document_of(made), digest=made.digest))).pages
    assert "Judged by what was in force before" in " ".join(pages[0].extract_text().split())
    swept(Host.objects.get(name="b"), now=LATER)
    assert document()["behind"] == ["prod-01"]


def test_a_pack_that_is_no_gzip_any_more_is_not_read() -> None:
    fleet()
    made = pack()
    made.document = b"nonsense"
    with pytest.raises(AlteredPackError, match="cannot be unpacked"):
        document_of(made)


def test_a_pack_that_is_made_is_not_made_again() -> None:
    fleet()
    made = pack()
    fill_pack(made, now=LATER + timedelta(days=1))
    made.refresh_from_db()
    assert made.made_at == LATER


def test_what_was_proven_is_in_the_pack_and_its_findings_follow_from_it() -> None:
    with scene() as made:
        made.sign()
        made.registered()
        made.root()
        name = f"{made.repository}:1.0"
        facts = image(id=made.image.id, digests=(f"{made.repository}@{made.image.digest}",))
        there = {"images": (facts,)}
        runs = web(image_id=made.image.id, image_reference=name, listed_image=name)
        host = swept(host_row(), runs, **there)
        look_at_due(NOW, clock=lambda: NOW)
        tell_what_turned(NOW)
        swept(host, runs, now=LATER, **there)
    packed = document()
    (one,) = packed["hosts"]
    assert [proof["state"] for proof in one["proven"][made.image.id]["proofs"]] == ["verified"]
    assert packed["behind"] == []
    assert verify(json.loads(json.dumps(packed))).reproduced
    one["proven"][made.image.id]["proofs"][0]["state"] = "unsigned"
    assert "signature-missing on image registry.internal/web:1.4" in verify(packed).differing
    del one["proven"]  # as in a pack of before
    lost = {one.partition(" ")[0] for one in verify(packed).differing}
    assert lost >= {"signature-missing", "image-without-origin", "tag-drift"}


def test_a_host_that_was_not_judged_since_a_publisher_was_registered_is_behind() -> None:
    fleet()
    with scene() as made:
        made.root()
    assert document()["behind"] == ["b", "prod-01"]
