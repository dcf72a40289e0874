"""Every refusal of the API has one shape: {"error": {"code", "message", "field"}}."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

logger = logging.getLogger(__name__)


class ApiError(Exception):
    """A refusal with a stable `code` for programs and a sentence for people; `field` names what was wrong, if one."""

    def __init__(self, status: int, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field


class ErrorBody(Schema):
    code: str
    message: str
    field: str | None = None


class Refusal(Schema):
    """What every answer of 400 and above holds."""

    error: ErrorBody


def refuse(status: int, code: str, message: str, *, field: str | None = None) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message, "field": field}}, status=status)


def unauthorized() -> HttpResponse:
    answer = refuse(401, "unauthorized", "Send a valid token as `Authorization: Bearer ll_…`.")
    answer["WWW-Authenticate"] = 'Bearer realm="Loadline"'
    return answer


def not_found(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    """For addresses under /api/ that nothing answers."""
    return refuse(404, "not-found", f"Nothing is at {request.path}; /api/v1/openapi.json lists what there is.")


def add_handlers(api: NinjaAPI) -> None:
    api.add_exception_handler(ApiError, _refused)
    api.add_exception_handler(AuthenticationError, _unauthorized)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(HttpError, _bad)
    api.add_exception_handler(Exception, _broken)


# ninja's own type allows an error's class where it only ever passes an instance, hence Any.
def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    return refuse(error.status, error.code, error.message, field=error.field)


def _unauthorized(_request: HttpRequest, _error: Any) -> HttpResponse:
    return unauthorized()


def _missing(_request: HttpRequest, error: Any) -> HttpResponse:
    return refuse(404, "not-found", str(error) or "Nothing is here.")


def _bad(_request: HttpRequest, error: Any) -> HttpResponse:
    return refuse(error.status_code, "bad-request", str(error))


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    first = error.errors[0]
    # ("query", "paging", "limit"): where it stood, what it belongs to, its name.
    place = [part for part in first.get("loc", ()) if isinstance(part, str)]
    field = place[-1] if len(place) > 1 else None
    message = str(first.get("msg", "is not valid")).removeprefix("Value error, ")
    return refuse(422, "invalid", f"{field}: {message}" if field else message, field=field)


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return refuse(500, "internal", "Loadline failed to answer this; its log says why.")
