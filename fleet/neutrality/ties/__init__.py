"""Every tie, one to a module."""

from __future__ import annotations
