from __future__ import annotations

import json
import logging
import sys

from dashboard.logs import JsonLines, logging_settings


def record(message: str, *arguments: object, error: bool = False) -> logging.LogRecord:
    information = sys.exc_info() if error else None
    return logging.LogRecord("fleet.sweeping", logging.WARNING, "sweep.py", 1, message, arguments, information)


def test_a_json_line_is_one_object_a_machine_can_read() -> None:
    line = JsonLines().format(record("host %s\nhangs", "prod-01"))
    assert "\n" not in line
    read = json.loads(line)
    assert (read["level"], read["logger"], read["message"]) == ("WARNING", "fleet.sweeping", "host prod-01\nhangs")
    assert read["time"].endswith("+00:00")


def test_an_exception_stays_inside_its_line() -> None:
    try:
        int("no such host")
    except ValueError:
        line = JsonLines().format(record("failed", error=True))
    assert "\n" not in line
    assert "ValueError: invalid literal" in json.loads(line)["exception"]


def test_a_tick_every_five_seconds_is_not_a_line_every_five_seconds() -> None:
    loggers = logging_settings(level="INFO", form="text")["loggers"]
    assert {loggers[name]["level"] for name in ("celery.beat", "celery.app.trace")} == {"WARNING"}
