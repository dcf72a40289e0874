"""Rule tests make images named like datastores; the shared engine is handed on without them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX


@pytest.fixture(autouse=True)
def images_as_before(session_engine: RealEngine) -> Iterator[None]:
    """Set up before `engine` and so torn down after it, when no container holds an image any more."""
    yield
    kept = session_engine.client.images.get(BUSYBOX).id
    for image in session_engine.client.images.list():
        if image.id == kept:
            for tag in image.tags:
                if tag != BUSYBOX:
                    session_engine.client.images.remove(tag)
        else:
            session_engine.client.images.remove(image.id, force=True)
