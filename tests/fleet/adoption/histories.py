"""Made-up histories of adoption, to measure how often an interval holds what comes; a share in percent for each day."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from random import Random

History = Callable[[Random, int], list[float]]
SERVICES = 200


def poisson(rng: Random, mean: float) -> int:
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _counted(rng: Random, days: int, services: int, change: Callable[[int], int]) -> list[float]:
    have, shares = rng.randrange(services // 10, services // 3), []
    for day in range(days):
        have = max(0, min(services, have + change(day)))
        shares.append(100 * have / services)
    return shares


def steady(rng: Random, days: int) -> list[float]:
    """Services come over by themselves, at a pace that stays."""
    pace = rng.uniform(0.05, 0.25)
    return _counted(rng, days, SERVICES, lambda _: poisson(rng, pace))


def small(rng: Random, days: int) -> list[float]:
    """The same with 30 services and one or two that come over in a month."""
    pace = rng.uniform(0.02, 0.06)
    return _counted(rng, days, 30, lambda _: poisson(rng, pace))


def bursts(rng: Random, days: int) -> list[float]:
    """Teams come over whole, now and then, and some services go back."""

    def change(_day: int) -> int:
        come = rng.randrange(1, 9) if rng.random() < 0.04 else 0
        return come - (rng.randrange(1, 3) if rng.random() < 0.01 else 0)

    return _counted(rng, days, 300, change)


def growing_catalogue(rng: Random, days: int) -> list[float]:
    """What is counted against grows as well."""
    have, services, shares = rng.randrange(40, 80), rng.randrange(150, 250), []
    come, new = rng.uniform(0.1, 0.3), rng.uniform(0.05, 0.25)
    for _ in range(days):
        services += poisson(rng, new)
        have = min(services, have + poisson(rng, come))
        shares.append(100 * have / services)
    return shares


def quarters(rng: Random, days: int) -> list[float]:
    """Each quarter has another pace: somebody had a target, and then another one."""
    paces = [rng.uniform(0.0, 0.4) for _ in range(days // 91 + 2)]
    offset = rng.randrange(91)
    return _counted(rng, days, 300, lambda day: poisson(rng, paces[(day + offset) // 91]))


def noise(rng: Random, days: int) -> list[float]:
    """A level and no trend."""
    level = rng.uniform(30, 60)
    return [level + rng.gauss(0, 1) for _ in range(days)]


def wandering(rng: Random, days: int) -> list[float]:
    """Up and down by chance."""
    return _counted(rng, days, SERVICES, lambda _: poisson(rng, 0.1) - poisson(rng, 0.1))


#: Those whose weeks to come really are like those behind.
ALIKE: dict[str, History] = {one.__name__: one for one in (steady, small, bursts, growing_catalogue)}
SIZES = {"small": 30, "bursts": 300, "quarters": 300}
