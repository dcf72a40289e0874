"""What gunicorn loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from fleet.garbage import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

application = get_wsgi_application()
collect_seldom()  # looking through all there is takes 100 ms, and with Python's own figures one page in twenty had them
