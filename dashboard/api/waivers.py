"""Waivers: the noun is fixed for other people's tools; in this version nothing can be waived, so there are none."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router, Schema

from dashboard.api.paging import Paging, refuse_unknown

router = Router(tags=["waivers"])


class WaiverOut(Schema):
    """Its fields come with the version that can waive a finding; a finding's `waiver` is null until then."""


class WaiverList(Schema):
    items: list[WaiverOut]
    next_cursor: None = None


@router.get("", response=WaiverList, summary="List waivers: none, as this version cannot waive a finding")
def list_waivers(request: HttpRequest, paging: Query[Paging]) -> WaiverList:
    refuse_unknown(request, set(Paging.model_fields))
    return WaiverList(items=[])
