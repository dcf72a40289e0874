"""Who may do what."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from dashboard.roles import OPERATORS, admin_required, is_admin, is_operator, operator_required

pytestmark = pytest.mark.django_db


@admin_required
def _admins_page(_request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(name)


@operator_required
def _operators_page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("swept")


def _request(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    return request


def _operator() -> User:
    user = User.objects.create_user("ops")
    user.groups.add(Group.objects.get(name=OPERATORS))
    return user


def test_a_plain_user_is_neither_operator_nor_admin() -> None:
    user = User.objects.create_user("reader")
    assert not is_operator(user)
    assert not is_admin(user)


def test_nobody_signed_in_may_nothing() -> None:
    assert not is_operator(AnonymousUser())
    assert not is_admin(AnonymousUser())


def test_an_operator_is_no_admin() -> None:
    user = _operator()
    assert is_operator(user)
    assert not is_admin(user)


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_staff_and_superusers_are_admins_and_operators(flag: str) -> None:
    user = User.objects.create_user("boss", **{flag: True})
    assert is_admin(user)
    assert is_operator(user)


def test_an_admin_who_was_deactivated_is_neither() -> None:
    user = User.objects.create_user("gone", is_superuser=True, is_staff=True, is_active=False)
    assert not is_admin(user)
    assert not is_operator(user)


def test_an_admins_page_refuses_an_operator_and_passes_arguments_on() -> None:
    with pytest.raises(PermissionDenied):
        _admins_page(_request(_operator()), "host")
    admin = User.objects.create_user("boss", is_staff=True)
    assert _admins_page(_request(admin), "host").content == b"host"


def test_an_operators_page_refuses_a_viewer() -> None:
    with pytest.raises(PermissionDenied):
        _operators_page(_request(User.objects.create_user("reader")))
    assert _operators_page(_request(_operator())).content == b"swept"
