"""A small engine with healthy defaults."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from fleet.simulation.answers import Answer, EngineAnswers
from fleet.simulation.plan import Engine
from fleet.simulation.releases import UBUNTU_2404, V29
from fleet.simulation.spec import Container, HealthCheck, Image, Life

NOW = 1_795_000_000.0
APP = Image("registry.internal/shop/web:1.4", "sha256:" + "ab" * 32, user="10001", command=("serve",))
CHECK = HealthCheck(("CMD-SHELL", "true"), interval=30)


def container(name: str = "web", **more: Any) -> Container:
    return Container(**{"name": name, "image": APP, "life": Life(age=41), **more})


def engine(*containers: Container, **more: Any) -> Engine:
    given = {"name": "one", "environment": "test", "team": "shop", "release": V29, "system": UBUNTU_2404}
    return Engine(**{**given, "containers": containers or (container(),), **more})


def answers(*containers: Container, **more: Any) -> EngineAnswers:
    return EngineAnswers(engine(*containers, **more), began=NOW, dice=random.Random(7))


def get(subject: EngineAnswers, target: str, query: Mapping[str, str] | None = None, *, after: float = 0.0) -> Answer:
    return subject.answer("GET", target, query or {}, now=NOW + after)
