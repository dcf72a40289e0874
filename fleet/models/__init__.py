"""What Loadline remembers: one module to a noun."""

from __future__ import annotations

from fleet.models.container import Container
from fleet.models.day import Day
from fleet.models.environment import Environment
from fleet.models.finding import Finding
from fleet.models.host import Host
from fleet.models.image import Image
from fleet.models.network import Network
from fleet.models.preferences import Preferences
from fleet.models.service import Service
from fleet.models.token import ApiToken
from fleet.models.trial import Trial
from fleet.models.volume import Volume

__all__ = [
    "ApiToken",
    "Container",
    "Day",
    "Environment",
    "Finding",
    "Host",
    "Image",
    "Network",
    "Preferences",
    "Service",
    "Trial",
    "Volume",
]
