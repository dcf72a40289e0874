"""The API put together: one router to a noun, one way to sign in, one shape of refusal."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI

from dashboard.api import adoption, containers, findings, hosts, rules, services, things
from dashboard.api.auth import BearerToken
from dashboard.api.errors import add_handlers, not_found

DESCRIPTION: Final = """
What Loadline knows, read only but for hosts. Make a token with `./loadline token create NAME --role viewer` and send
it as `Authorization: Bearer ll_…`. Lists come in cursor pages: ask again with `cursor` set to `next_cursor`. Verdicts
are as of now: on evidence that has grown too old they are `unknown`, whatever they were.
""".strip()


def make_api() -> NinjaAPI:
    """A new object each time: tests build one of their own."""
    api = NinjaAPI(
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
    return api


api = make_api()
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    re_path(r"^api/", not_found),
]
