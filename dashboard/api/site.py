"""The API put together: one router to a noun, one way to sign in, one shape of refusal."""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.operation import Operation

from dashboard.api import (
    adoption,
    containers,
    findings,
    hosts,
    neutrality,
    reach,
    rules,
    scans,
    services,
    things,
    trust,
    trust_registries,
    trust_roots,
    waivers,
    what_if,
)
from dashboard.api.auth import BearerToken
from dashboard.api.errors import add_handlers, not_found

DESCRIPTION: Final = """
What Loadline knows, read only but for hosts, services, waivers, trust roots, registries and scanners' reports. Make a
token with `./loadline token create NAME --role viewer` and send it as `Authorization: Bearer ll_…`. Lists come in
cursor pages: ask again with `cursor` set to `next_cursor`. Verdicts are as of now: on evidence that has grown too old
they are `unknown`, whatever they were.
""".strip()


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's own name: generated clients call it so, and it survives a move to another module."""
        return operation.view_func.__name__


def make_api() -> Api:
    api = Api(
        title="Loadline",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # such a page would fetch its scripts from elsewhere
        auth=BearerToken("viewer"),
        urls_namespace="api",
    )
    add_handlers(api)
    api.add_router("/hosts", hosts.router)
    api.add_router("/services", services.router)
    api.add_router("/containers", containers.router)
    api.add_router("", things.router)
    api.add_router("/findings", findings.router)
    api.add_router("/rules", rules.router)
    api.add_router("/adoption", adoption.router)
    api.add_router("/neutrality", neutrality.router)
    api.add_router("/trust", trust.router)
    api.add_router("/waivers", waivers.router)
    api.add_router("/trust/scans", scans.router)
    api.add_router("/reach", reach.router)
    api.add_router("/what-if", what_if.router)
    api.add_router("/trust/roots", trust_roots.router)
    api.add_router("/trust/registries", trust_registries.router)
    return api


api = make_api()
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    re_path(r"^api/", not_found),
]


def openapi_document() -> dict[str, Any]:
    """What /api/v1/openapi.json answers, and what docs/openapi.json is held to."""
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), cls=DjangoJSONEncoder))
    return document
