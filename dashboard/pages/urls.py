"""The addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard.pages.adoption import adoption, adoption_csv, adoption_json, compare_json
from dashboard.pages.catalogue import (
    add_entry,
    catalogue,
    edit_entry,
    export_entries,
    import_entries,
    remove_entry,
)
from dashboard.pages.catalogue_mappings import add_mapping, decide_mapping, mapping, mappings, unmapped
from dashboard.pages.changes import changes
from dashboard.pages.containers import container, containers
from dashboard.pages.doing import doing
from dashboard.pages.doors import doors
from dashboard.pages.evidence import evidence, evidence_file, evidence_pack, make_evidence
from dashboard.pages.findings import findings
from dashboard.pages.fixes import fix, fixes
from dashboard.pages.holding_back import holding_back
from dashboard.pages.hosts import host, hosts, sweep_host, sweep_hosts
from dashboard.pages.network_map import network_map
from dashboard.pages.overview import overview
from dashboard.pages.pillars import page_for
from dashboard.pages.policy import (
    adopt_policy,
    draft_policy,
    edit_policy,
    export_policy,
    policy,
    policy_schema,
    preview_policy,
)
from dashboard.pages.ranges import fleet_ranges, ranges
from dashboard.pages.reach import reach
from dashboard.pages.registering import add_host, edit_host, forget_trial, host_trial, import_page, remove_host
from dashboard.pages.report import keep_todays_report, report, report_day, report_file
from dashboard.pages.report_mail import report_mail, report_mail_preview, send_report_mail
from dashboard.pages.rules import rule, rules
from dashboard.pages.scans import add_scan, scan, scans, take_scan_away
from dashboard.pages.search import search
from dashboard.pages.services import service, services
from dashboard.pages.style import style
from dashboard.pages.trust import image, images, verify
from dashboard.pages.trust_candidates import fetch_candidate, trust_candidate
from dashboard.pages.trust_memories import forget_trust_memory
from dashboard.pages.trust_registries import (
    add_trust_registry,
    edit_trust_registry,
    remove_trust_registry,
    trust_registries,
    trust_registry,
    try_trust_registry,
)
from dashboard.pages.trust_roots import (
    add_trust_root,
    draft_trust_root,
    edit_trust_root,
    switch_trust_root,
    trust_root,
    trust_roots,
)
from dashboard.pages.waivers import ask_waiver, end_waiver, waiver, waivers
from dashboard.pages.what_if import what_if
from fleet.readiness.vocabulary import PILLARS

urlpatterns: list[URLPattern] = [
    path("", overview, name="overview"),
    path("adoption/", adoption, name="adoption"),
    path("adoption/figures.csv", adoption_csv, name="adoption-csv"),
    path("adoption/figures.json", adoption_json, name="adoption-json"),
    path("adoption/compare.json", compare_json, name="adoption-compare"),
    path("holding-back/", holding_back, name="holding-back"),
    path("report/", report, name="report"),
    path("report/report.<str:kind>", report_file, name="report-file"),
    path("report/keep/", keep_todays_report, name="report-keep"),
    path("report/mail/", report_mail, name="report-mail"),
    path("report/mail/preview/", report_mail_preview, name="report-mail-preview"),
    path("report/mail/send/", send_report_mail, name="report-mail-send"),
    path("report/<str:day>/", report_day, name="report-day"),
    path("report/<str:day>/report.<str:kind>", report_file, name="report-day-file"),
    path("services/", services, name="services"),
    path("services/<slug:slug>/", service, name="service"),
    path("catalogue/", catalogue, name="catalogue"),
    path("catalogue/add/", add_entry, name="catalogue-add"),
    path("catalogue/import/", import_entries, name="catalogue-import"),
    path("catalogue/catalogue.csv", export_entries, name="catalogue-export"),
    path("catalogue/entry/<slug:slug>/", edit_entry, name="catalogue-edit"),
    path("catalogue/entry/<slug:slug>/remove/", remove_entry, name="catalogue-remove"),
    path("catalogue/unmapped/", unmapped, name="catalogue-unmapped"),
    path("catalogue/mappings/", mappings, name="catalogue-mappings"),
    path("catalogue/mappings/add/", add_mapping, name="catalogue-mapping-add"),
    path("catalogue/mappings/<int:pk>/", mapping, name="catalogue-mapping"),
    path("catalogue/mappings/<int:pk>/decide/", decide_mapping, name="catalogue-mapping-decide"),
    path("hosts/", hosts, name="hosts"),
    path("hosts/sweep/", sweep_hosts, name="hosts-sweep"),
    path("hosts/add/", add_host, name="host-add"),
    path("hosts/import/", import_page, name="hosts-import"),
    path("hosts/trial/<uuid:pk>/", host_trial, name="host-trial"),
    path("hosts/trial/<uuid:pk>/forget/", forget_trial, name="host-trial-forget"),
    path("hosts/<str:name>/", host, name="host"),
    path("hosts/<str:name>/edit/", edit_host, name="host-edit"),
    path("hosts/<str:name>/remove/", remove_host, name="host-remove"),
    path("hosts/<str:name>/sweep/", sweep_host, name="host-sweep"),
    path("containers/", containers, name="containers"),
    path("containers/<int:pk>/", container, name="container"),
    *(path(f"{pillar.value}/", page_for(pillar), name=pillar.value) for pillar in PILLARS),
    path("trust/roots/", trust_roots, name="trust-roots"),
    path("trust/roots/add/", add_trust_root, name="trust-root-add"),
    path("trust/roots/fetch/", fetch_candidate, name="trust-root-fetch"),
    path("trust/roots/draft/<uuid:pk>/", draft_trust_root, name="trust-root-draft"),
    path("trust/roots/candidate/<uuid:pk>/", trust_candidate, name="trust-candidate"),
    path("trust/roots/<str:name>/", trust_root, name="trust-root"),
    path("trust/roots/<str:name>/edit/", edit_trust_root, name="trust-root-edit"),
    path("trust/roots/<str:name>/enable/", switch_trust_root, {"enabled": True}, name="trust-root-enable"),
    path("trust/roots/<str:name>/disable/", switch_trust_root, {"enabled": False}, name="trust-root-disable"),
    path("trust/roots/<str:name>/forget/", forget_trust_memory, name="trust-memory-forget"),
    path("trust/registries/", trust_registries, name="trust-registries"),
    path("trust/registries/add/", add_trust_registry, name="trust-registry-add"),
    path("trust/registries/<str:host>/", trust_registry, name="trust-registry"),
    path("trust/registries/<str:host>/edit/", edit_trust_registry, name="trust-registry-edit"),
    path("trust/registries/<str:host>/remove/", remove_trust_registry, name="trust-registry-remove"),
    path("trust/registries/<str:host>/try/", try_trust_registry, name="trust-registry-try"),
    path("trust/scans/", scans, name="scans"),
    path("trust/scans/add/", add_scan, name="scan-add"),
    path("trust/scans/<int:pk>/", scan, name="scan"),
    path("trust/scans/<int:pk>/remove/", take_scan_away, name="scan-remove"),
    path("network/reach/", reach, name="reach"),
    path("network/ranges/", fleet_ranges, name="fleet-ranges"),
    path("network/ranges/<str:name>/", ranges, name="ranges"),
    path("network/doors/", doors, name="doors"),
    path("network/map/", network_map, name="network-map"),
    path("trust/images/", images, name="trust-images"),
    path("trust/images/<str:image_id>/", image, name="trust-image"),
    path("trust/images/<str:image_id>/verify/", verify, name="trust-verify"),
    path("search/", search, name="search"),
    path("rules/", rules, name="rules"),
    path("rules/<slug:slug>/", rule, name="rule"),
    path("fix-next/", fixes, name="fix-next"),
    path("fix-next/<slug:slug>/", fix, name="fix"),
    path("what-if/", what_if, name="what-if"),
    path("findings/", findings, name="findings"),
    path("waivers/", waivers, name="waivers"),
    path("waivers/ask/<int:finding>/", ask_waiver, name="waiver-ask"),
    path("waivers/<int:pk>/", waiver, name="waiver"),
    path("waivers/<int:pk>/end/", end_waiver, name="waiver-end"),
    path("policy/", policy, name="policy"),
    path("policy/edit/", edit_policy, name="policy-edit"),
    path("policy/schema.json", policy_schema, name="policy-schema"),
    path("policy/<int:pk>/", draft_policy, name="policy-draft"),
    path("policy/<int:pk>/preview/", preview_policy, name="policy-preview"),
    path("policy/<int:pk>/adopt/", adopt_policy, name="policy-adopt"),
    path("policy/<int:pk>/policy.yaml", export_policy, name="policy-export"),
    path("changes/", changes, name="changes"),
    path("evidence/", evidence, name="evidence"),
    path("evidence/make/", make_evidence, name="evidence-make"),
    path("evidence/<int:pk>/", evidence_pack, name="evidence-pack"),
    path("evidence/<int:pk>/pack.<str:kind>", evidence_file, name="evidence-file"),
    path("doing/", doing, name="doing"),
    path("style/", style, name="style"),
]
