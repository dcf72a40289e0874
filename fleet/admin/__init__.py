"""The admin site: what people decide can be changed there, what sweeps saw can only be read."""

from __future__ import annotations

from fleet.admin import decided, hosts, swept

__all__ = ["decided", "hosts", "swept"]
