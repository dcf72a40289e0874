from __future__ import annotations

import pytest
from fleet.inventory.stateful_images import STATEFUL_IMAGES, STATELESS_IMAGES, known_stateful

from fleet.inventory import ImageReference


def directories(text: str) -> tuple[str, ...] | None:
    reference = ImageReference.parse(text)
    assert reference is not None
    found = known_stateful(reference)
    return found.directories if found else None


@pytest.mark.parametrize("text", ["nginx", "postgres-exporter:1", "mongo-express", "kafka-ui", "acme/server", "mysqld"])
def test_an_image_that_only_sounds_alike_is_not_known(text: str) -> None:
    assert directories(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres", "/var/lib/postgresql/data"),
        ("postgres:17-alpine", "/var/lib/postgresql/data"),
        ("postgres:18", "/var/lib/postgresql"),
        ("postgres:18.1-trixie", "/var/lib/postgresql"),
        ("registry.internal:5000/base/postgis:16", "/var/lib/postgresql/data"),
        ("mcr.microsoft.com/mssql/server:2022-latest", "/var/opt/mssql"),
        ("container-registry.oracle.com/database/free:latest", "/opt/oracle/oradata"),
        ("valkey/valkey", "/data"),
    ],
)
def test_known_images_are_found_by_their_last_part(text: str, expected: str) -> None:
    assert directories(text) == (expected,)


def test_directories_are_absolute_and_no_image_is_in_both_tables() -> None:
    assert all(path.startswith("/") for image in STATEFUL_IMAGES.values() for path in image.directories)
    assert not set(STATEFUL_IMAGES) & STATELESS_IMAGES
