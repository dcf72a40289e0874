"""A pack's failing findings as SARIF 2.1.0, for tools that collect results of many analysers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}


def as_sarif(document: Mapping[str, Any]) -> dict[str, Any]:
    """Waived findings are there, suppressed, as SARIF has it for accepted results."""
    failing = [row for row in document["findings"] if row["status"] == "fail"]
    used = {row["rule"] for row in failing}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Loadline",
                        "version": document["versions"]["rules"],
                        "rules": [_rule(rule) for rule in document["rules"] if rule["rule"] in used],
                    }
                },
                "invocations": [{"executionSuccessful": True, "endTimeUtc": document["made_at"]}],
                "results": [_result(row) for row in failing],
            }
        ],
    }


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": rule["rule"],
        "name": rule["title"],
        "shortDescription": {"text": rule["title"]},
        "properties": {"catalogue": rule["catalogue"], "references": rule["references"]},
    }


def _result(row: Mapping[str, Any]) -> dict[str, Any]:
    subject = row["subject"]
    where = (
        f"{subject['host']}/{subject['kind']}/{subject['name']}" if subject["host"] else f"service/{subject['name']}"
    )
    result: dict[str, Any] = {
        "ruleId": row["rule"],
        "level": _LEVELS[row["severity"]],
        "message": {"text": row["reason"] or f"{subject['kind']} {subject['name']} fails {row['rule']}."},
        "locations": [
            {"logicalLocations": [{"name": subject["name"], "fullyQualifiedName": where, "kind": subject["kind"]}]}
        ],
        "partialFingerprints": {"loadline/1": f"{row['rule']}/{where}"},
        "properties": {"severity": row["severity"], "evidence": row["evidence"], "service": row["service"]},
    }
    if row["waiver"]:
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": f"Waiver {row['waiver']['id']} until {row['waiver']['until']}",
            }
        ]
    return result
