"""`./loadline token`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from fleet.models import ApiToken

pytestmark = pytest.mark.django_db


def _run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("token", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_create_prints_nothing_but_the_token_on_standard_output() -> None:
    out, err = _run("create", "script", "--role", "operator")
    token = ApiToken.objects.valid(out.strip()).get()
    assert (token.name, token.role) == ("script", "operator")
    assert out.strip() not in err


def test_create_without_a_role_makes_a_viewer() -> None:
    _run("create", "script")
    assert ApiToken.objects.get().role == "viewer"


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(CommandError, match="role"):
        _run("create", "script", "--role", "king")


def test_list_shows_names_but_no_token() -> None:
    secret, _ = _run("create", "script")
    listed, _ = _run("list")
    assert "script" in listed
    assert "never used" in listed
    assert secret.strip() not in listed


def test_revoke_ends_a_token() -> None:
    secret, _ = _run("create", "script")
    _run("revoke", "script")
    assert not ApiToken.objects.valid(secret.strip()).exists()
    assert "revoked" in _run("list")[0]


def test_a_name_taken_is_an_error() -> None:
    _run("create", "script")
    with pytest.raises(CommandError, match="exists"):
        _run("create", "script")
