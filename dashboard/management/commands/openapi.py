"""`./loadline openapi`: the API's description, for docs/openapi.json and for generators of clients."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from dashboard.api.site import openapi_document


class Command(BaseCommand):
    help = "Print the OpenAPI document of the API."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(json.dumps(openapi_document(), indent=2, sort_keys=True))
