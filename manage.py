#!/usr/bin/env python
"""Django's command line; `./loadline` calls it inside the virtual environment."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    from dashboard.env import SettingError
    from fleet.garbage import loading

    # Python names modules with underscores, people name commands with dashes: `./loadline sealing-key`.
    name = [sys.argv[1].replace("-", "_")] if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else sys.argv[1:2]
    try:
        with loading():  # else Python looks through it for garbage 170 times
            import django
            from django.core.management import execute_from_command_line

            django.setup()
        execute_from_command_line([sys.argv[0], *name, *sys.argv[2:]])
    except SettingError as error:
        sys.exit(f"loadline: {error}")


if __name__ == "__main__":
    main()
