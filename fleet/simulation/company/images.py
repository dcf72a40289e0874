"""The company's images: its own, those it mirrors, and those somebody just took from somewhere."""

from __future__ import annotations

from fleet.simulation.identifiers import content_id
from fleet.simulation.spec import DAY, MIB, HealthCheck, Image

REGISTRY = "registry.internal"
#: What the company would write into its policy.
REGISTRIES = (REGISTRY, "docker.io")
_PROBE = HealthCheck(("CMD-SHELL", "/app/probe || exit 1"), interval=30, timeout=3, retries=3, start_period=20)


def own(team: str, name: str, version: str, *, age: float = 18 * DAY, port: int = 8080) -> Image:
    """Built by the pipeline: not root, with a health check and labels that say where it came from."""
    return Image(
        f"{REGISTRY}/{team}/{name}:{version}",
        content_id("registry", team, name, version),
        age=age,
        size=140 * MIB,
        user="10001",
        exposed=(f"{port}/tcp",),
        health_check=_PROBE,
        labels={
            "org.opencontainers.image.created": "2026-11-06T09:30:00Z",
            "org.opencontainers.image.revision": content_id(name, version)[7:47],
            "org.opencontainers.image.source": f"https://git.internal/{team}/{name}",
            "org.opencontainers.image.version": version,
        },
    )


def mirrored(name: str, version: str, *, user: str, volumes: tuple[str, ...] = (), probe: str, port: int) -> Image:
    """Somebody else's image, copied into the company's registry and given a health check there."""
    return Image(
        f"{REGISTRY}/mirror/{name}:{version}",
        content_id("mirror", name, version),
        age=32 * DAY,
        size=290 * MIB,
        user=user,
        exposed=(f"{port}/tcp",),
        volumes=volumes,
        health_check=HealthCheck(("CMD-SHELL", probe), interval=30, timeout=5, retries=5, start_period=60),
        command=(name,),
        entrypoint=("docker-entrypoint.sh",),
        labels={"org.opencontainers.image.version": version},
    )


_PGDATA = "/var/lib/postgresql/data"
POSTGRES = mirrored("postgres", "17.6", user="999", volumes=(_PGDATA,), probe="pg_isready", port=5432)
CASSANDRA = mirrored(
    "cassandra", "5.0.6", user="999", volumes=("/var/lib/cassandra",), probe="nodetool status", port=9042
)
RABBITMQ = mirrored(
    "rabbitmq", "4.2.1", user="999", volumes=("/var/lib/rabbitmq",), probe="rabbitmq-diagnostics ping", port=5672
)
VALKEY = mirrored("valkey", "9.0.1", user="999", volumes=("/data",), probe="valkey-cli ping", port=6379)
PROMETHEUS = mirrored(
    "prometheus", "3.7.3", user="65534", volumes=("/prometheus",), probe="promtool check ready", port=9090
)

# Taken as they come from a public registry: a tag, root, no health check.
REDIS = Image("redis:7.2", content_id("hub", "redis"), age=420 * DAY, size=116 * MIB, volumes=("/data",),
              exposed=("6379/tcp",), command=("redis-server",), entrypoint=("docker-entrypoint.sh",))  # fmt: skip
NGINX = Image("nginx:latest", content_id("hub", "nginx"), age=260 * DAY, size=192 * MIB, exposed=("80/tcp",),
              command=("nginx", "-g", "daemon off;"), entrypoint=("/docker-entrypoint.sh",))  # fmt: skip
GRAFANA = Image("grafana/grafana:12.2.1", content_id("hub", "grafana"), user="472", size=690 * MIB,
                exposed=("3000/tcp",), command=("/run.sh",))  # fmt: skip
JUPYTER = Image("quay.io/jupyter/scipy-notebook:latest", content_id("quay", "jupyter"), user="jovyan", age=80 * DAY,
                size=4200 * MIB, exposed=("8888/tcp",), command=("start-notebook.py",),
                entrypoint=("tini", "-g", "--"))  # fmt: skip
MAILPIT = Image("axllent/mailpit:v1.28", content_id("hub", "mailpit"), size=32 * MIB, exposed=("1025/tcp", "8025/tcp"),
                command=("/mailpit",))  # fmt: skip
KAFKA = Image("apache/kafka:4.1.1", content_id("hub", "kafka"), user="appuser", size=410 * MIB,
              exposed=("9092/tcp",), command=("/etc/kafka/docker/run",))  # fmt: skip
MINIO = Image("minio/minio:latest", content_id("hub", "minio"), age=400 * DAY, size=175 * MIB, volumes=("/data",),
              exposed=("9000/tcp",), command=("server", "/data"))  # fmt: skip

# Never in a registry: built or loaded on the one machine that runs them.
LEGACY_CMS = Image("legacy-cms:latest", age=1900 * DAY, size=1300 * MIB, exposed=("80/tcp", "22/tcp"),
                   command=("/start.sh",), environment=("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "PHP_VERSION=5.6.40"),
                   comment="Imported from -")  # fmt: skip
PRINT_GATEWAY = Image("print-gateway:2019", age=2500 * DAY, size=620 * MIB, exposed=("631/tcp",),
                      command=("/usr/sbin/cupsd", "-f"))  # fmt: skip
PRESS_SITE = Image("press-site:2.3", age=70 * DAY, size=210 * MIB, user="101", exposed=("8080/tcp",),
                   command=("nginx", "-g", "daemon off;"), health_check=_PROBE)  # fmt: skip
