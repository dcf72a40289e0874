from __future__ import annotations

from typing import Any

import pytest

from tests.builders import DIGEST, image

HUB = (f"redis@{DIGEST}",)


@pytest.mark.parametrize(
    "changes",
    [
        {"digests": HUB},
        {"digests": (f"docker.io/library/redis@{DIGEST}",)},
        {"digests": (f"registry.internal/redis@{DIGEST}", *HUB)},
        {"digests": (), "pulled_from": ("docker.io/library/redis",), "containerd_store": True},
    ],
)
def test_an_image_that_came_from_the_hubs_library_is_official(changes: dict[str, Any]) -> None:
    assert image(**changes).official


@pytest.mark.parametrize(
    "changes",
    [
        {"digests": (f"grafana/grafana@{DIGEST}",)},
        {"digests": (f"registry.internal/library/redis@{DIGEST}",)},
        {"digests": (), "tags": ("redis:7.2",)},
        {"digests": None},
        {"digests": HUB, "containerd_store": True},
        {"digests": HUB, "containerd_store": True, "pulled_from": ()},
        {"digests": HUB, "pulled_from": ("quay.io/acme/redis",)},
        {"digests": HUB, "built_here": True, "pulled_from": ("docker.io/library/redis",)},
    ],
)
def test_a_name_alone_makes_no_image_official(changes: dict[str, Any]) -> None:
    assert not image(**changes).official
