from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

if connection.vendor == "postgresql":  # SQLite has nothing to compile

    def test_postgresql_compiles_no_query() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW jit")
            assert cursor.fetchone() == ("off",)
