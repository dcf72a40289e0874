from __future__ import annotations

import pytest

from fleet.readiness.policy import Policy, Traits, Where
from fleet.readiness.vocabulary import Stage

SHOP = Traits(
    environment="production",
    stage=Stage.PRODUCTION,
    tier=1,
    service="shop/web",
    image="registry.internal/shop/web",
    labels={"loadline.tier": "1", "team": "shop"},
)


def test_nothing_is_decided_to_begin_with() -> None:
    policy = Policy()
    assert policy.allowed_registries == ()
    assert not policy.exemptions
    assert not policy.severities


@pytest.mark.parametrize(
    "where",
    [
        Where(environments=("staging",)),
        Where(stages=(Stage.STAGING,)),
        Where(tiers=(2, 3)),
        Where(labels=("team=billing",)),
        Where(labels=("tea",)),
        Where(services=("shop",)),
        Where(images=("*/web/*",)),
        Where(services=("shop/*",), tiers=(2,)),
    ],
)
def test_one_part_that_does_not_match_is_enough(where: Where) -> None:
    assert not where.matches(SHOP)


@pytest.mark.parametrize(
    "where",
    [
        Where(),
        Where(environments=("staging", "production")),
        Where(labels=("nothing", "team")),
        Where(labels=("loadline.tier=1",), services=("shop/*",), images=("registry.internal/*",), tiers=(1,)),
    ],
)
def test_all_parts_that_are_given_match(where: Where) -> None:
    assert where.matches(SHOP)


def test_a_subject_without_a_service_is_none_of_the_named_ones() -> None:
    lonely = Traits(environment="production", stage=Stage.PRODUCTION)
    assert not Where(services=("*",)).matches(lonely)
    assert not Where(tiers=(1,)).matches(lonely)
