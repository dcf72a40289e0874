"""A real engine in every corner of which a secret is planted, each with a word of its own."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field

import docker
from docker.types import LogConfig, Mount

from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX


@dataclass
class Planted:
    """Words by the place they were planted in. `harmless` ones stand where anybody may read them, and must be found."""

    words: dict[str, str] = field(default_factory=dict)
    harmless: dict[str, str] = field(default_factory=dict)

    def secret(self, place: str) -> str:
        # Neither long nor random enough to be taken for a secret by its looks: only its place gives it away.
        return self.words.setdefault(place, f"plant{secrets.token_hex(3)}")

    def plain(self, place: str) -> str:
        return self.harmless.setdefault(place, f"sign{secrets.token_hex(3)}")

    def found_in(self, text: str | bytes) -> set[str]:
        """Places whose word stands in the text."""
        data = text if isinstance(text, bytes) else text.encode()
        return {place for place, word in (self.words | self.harmless).items() if word.encode() in data}


def daemon_options(planted: Planted) -> tuple[str, ...]:
    return ("--label", f"deploy.token={planted.secret('engine label')}")


def plant(engine: RealEngine, planted: Planted) -> None:
    """A secret in each field that can carry one, of images, networks, volumes and containers in several states."""
    secret = planted.secret
    engine.import_image()
    engine.import_image(
        "planted:1",
        changes=[
            f"ENV GREETING={secret('image environment')}",
            f"LABEL registry.password={secret('image label')}",
            f'CMD ["sleep", "100000", "{secret("image command")}"]',
            f"HEALTHCHECK --interval=1s CMD echo {secret('image health check')}",
        ],
    )
    engine.client.networks.create(
        planted.plain("network name"), driver="bridge", labels={"api-token": secret("network label")}
    )
    engine.client.volumes.create(
        "share",
        driver="local",
        driver_opts={"type": "cifs", "device": "//nas/share", "o": f"username=u,password={secret('volume option')}"},
        labels={"password": secret("volume label")},
    )
    engine.run("planted-image", image="planted:1", command=None)
    _run_talkative(engine, planted)
    _run_failing(engine, planted)
    _create_logging(engine, planted)


def told_by(engine: RealEngine) -> str:
    """Everything the engine says of itself and of what is on it, so that a word planted where nobody sees it shows."""
    ask = engine.client.api
    told = [ask.info(), ask.version(), ask.images(), ask.networks(), ask.volumes()]
    told += [ask.inspect_container(entry["Id"]) for entry in ask.containers(all=True)]
    told += [ask.inspect_image(entry["Id"]) for entry in ask.images()]
    return json.dumps(told)


def _run_talkative(engine: RealEngine, planted: Planted) -> None:
    secret = planted.secret
    container = engine.run(
        planted.plain("container name"),
        command=[
            "sh",
            "-c",
            "sleep 100000",
            "sh",
            f"--password={secret('command password')}",
            "--token",
            secret("command token"),
            f"postgres://app:{secret('command address')}@db/app",
            secret("command argument"),
        ],
        environment={
            "DB_PASSWORD": secret("environment password"),
            "GREETING": secret("environment greeting"),
            "DATABASE_URL": f"postgres://app:{secret('environment address')}@db/app",
        },
        labels={
            "deploy.api_token": secret("label with a secret name"),
            "dsn": f"amqp://app:{secret('label with an address')}@queue/",
            "purpose": planted.plain("label"),
        },
        healthcheck={
            "test": ["CMD-SHELL", f"echo {secret('health output')}; test -z '{secret('health command')}'"],
            "interval": 1_000_000_000,
            "retries": 1,
        },
    )
    engine.wait_for("unhealthy", container)


def _run_failing(engine: RealEngine, planted: Planted) -> None:
    """State.Error quotes the program that was not found, and with it whatever stood in its place."""
    container = engine.create("failing", command=[f"/bin/--password={planted.secret('error of a start')}"])
    try:
        container.start()
    except docker.errors.APIError:
        return
    raise AssertionError("a program that does not exist was started")


def _create_logging(engine: RealEngine, planted: Planted) -> None:
    options = {
        "splunk-token": planted.secret("log option"),
        "splunk-url": f"https://app:{planted.secret('log address')}@splunk:8088",
    }
    engine.create(
        "logging",
        image=BUSYBOX,
        entrypoint=["sleep", f"--key={planted.secret('entrypoint')}"],
        log_config=LogConfig(type="splunk", config=options),
        mounts=[Mount("/share", "share", type="volume")],
    )
