"""What Loadline remembers: one module to a noun."""

from __future__ import annotations

from fleet.models.answer_pattern import AnswerPattern
from fleet.models.answer_sheet import AnswerSheet
from fleet.models.change import Change
from fleet.models.container import Container
from fleet.models.count import Count, Shortfall
from fleet.models.day import Day
from fleet.models.environment import Environment
from fleet.models.evidence_pack import EvidencePack
from fleet.models.finding import Finding
from fleet.models.host import Host
from fleet.models.image import Image
from fleet.models.image_statements import ImageStatements
from fleet.models.mapping import Renaming, ServiceMapping
from fleet.models.network import Network
from fleet.models.policy import PolicyVersion
from fleet.models.preferences import Preferences
from fleet.models.reference_table import ReferenceTable
from fleet.models.report import Report, ReportMail, ReportSchedule
from fleet.models.rule_day import RuleDay
from fleet.models.scan import ScannedDigest, ScanReport
from fleet.models.service import Service
from fleet.models.service_mark import ServiceMark
from fleet.models.sign_of_life import SignOfLife
from fleet.models.silence import HostSilence
from fleet.models.spell import ServiceSpell
from fleet.models.team_day import TeamDay
from fleet.models.token import ApiToken
from fleet.models.trial import Trial
from fleet.models.trust_result import RunningTag, TrustContent, TrustMemory, TrustResult
from fleet.models.trust_root import ImageRegistry, TrustRoot, TrustRootVersion
from fleet.models.trust_trial import TrustDraft, TrustTrial
from fleet.models.volume import Volume
from fleet.models.waiver import Waiver, WaiverApproval

__all__ = [
    "AnswerPattern",
    "AnswerSheet",
    "ApiToken",
    "Change",
    "Container",
    "Count",
    "Day",
    "Environment",
    "EvidencePack",
    "Finding",
    "Host",
    "HostSilence",
    "Image",
    "ImageRegistry",
    "ImageStatements",
    "Network",
    "PolicyVersion",
    "Preferences",
    "ReferenceTable",
    "Renaming",
    "Report",
    "ReportMail",
    "ReportSchedule",
    "RuleDay",
    "RunningTag",
    "ScanReport",
    "ScannedDigest",
    "Service",
    "ServiceMapping",
    "ServiceMark",
    "ServiceSpell",
    "Shortfall",
    "SignOfLife",
    "TeamDay",
    "Trial",
    "TrustContent",
    "TrustDraft",
    "TrustMemory",
    "TrustResult",
    "TrustRoot",
    "TrustRootVersion",
    "TrustTrial",
    "Volume",
    "Waiver",
    "WaiverApproval",
]
