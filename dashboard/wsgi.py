"""What gunicorn loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from dashboard.between_answers import Between

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

application = get_wsgi_application()
between = Between()
between.settle()
between.listen()
