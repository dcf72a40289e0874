"""What was put to the database, in the words of SQL."""

from __future__ import annotations

import re

from django.test.utils import CaptureQueriesContext

#: Django's log of one statement that is put with many rows.
_TIMES = re.compile(r"^\d+ times: ")


def statements(asked: CaptureQueriesContext) -> list[str]:
    """A statement with many rows once."""
    return [_TIMES.sub("", query["sql"]) for query in asked.captured_queries]
