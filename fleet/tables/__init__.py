"""What is known of the world outside: support windows, known holes, datastores, drivers. Data with a date, no code."""

from __future__ import annotations

from fleet.tables.book import NAMES, TableError, Tables, read_table, schema_of

__all__ = ["NAMES", "TableError", "Tables", "read_table", "schema_of"]
