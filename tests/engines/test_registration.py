"""Registration against engines that really run."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.models import Host
from fleet.registration import Changes, Entry, read_tls_dir, register, register_local, try_host, update
from fleet.transport import TlsMaterial
from tests.builders import NOW
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_a_local_engine_is_registered_under_the_name_it_gives_itself(engine: RealEngine) -> None:
    done = register_local(now=NOW, environ={"DOCKER_HOST": engine.url})
    assert done is not None
    assert done.added, done.sentence
    host = Host.objects.get()
    assert host.name == engine.client.info()["Name"]
    assert try_host(host).ok


def test_a_secured_engine_opens_to_sealed_credentials_and_to_nothing_else(three_engines: ThreeEngines) -> None:
    secured = three_engines.secured
    tls = read_tls_dir(Path(secured.certificates.client))
    host = register(Entry(name="secured", url=secured.tls_url, tls=tls), now=NOW).host
    assert try_host(Host.objects.get(pk=host.pk)).ok
    update(host, Changes(tls=TlsMaterial(ca=tls.ca)), now=NOW)
    refused = try_host(Host.objects.get(pk=host.pk))
    assert not refused.ok
    assert refused.error
