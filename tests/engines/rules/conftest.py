"""Rule tests make images named like datastores; the shared engine is handed on without them."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from docker import DockerClient
from docker.errors import APIError, ImageNotFound

from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX


@pytest.fixture(autouse=True)
def images_as_before(session_engine: RealEngine) -> Iterator[None]:
    """Set up before `engine` and so torn down after it, when no container holds an image any more."""
    yield
    client = session_engine.client
    kept = client.images.get(BUSYBOX).id
    for tag in client.images.get(BUSYBOX).tags:
        if tag != BUSYBOX:
            client.images.remove(tag)
    others = [image.id for image in client.images.list() if image.id != kept]
    while others:
        held = [image for image in others if not _removed(client, str(image))]
        assert len(held) < len(others), f"these images cannot be removed: {held}"
        others = held


def _removed(client: DockerClient, image: str) -> bool:
    """False while another image is made of it: that one has to go first."""
    try:
        client.images.remove(image, force=True)
    except ImageNotFound:
        return True
    except APIError as error:
        if error.status_code != HTTPStatus.CONFLICT:
            raise
        return False
    return True
