"""The admin site: what people decide can be changed there, what sweeps saw can only be read."""

from __future__ import annotations
