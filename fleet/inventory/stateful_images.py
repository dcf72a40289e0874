"""Images that are known to keep state, and where: the fallback for images that do not declare their volumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fleet.inventory.reference import ImageReference
from fleet.inventory.versions import Version

AS_OF = date(2026, 8, 22)


@dataclass(frozen=True, slots=True)
class StatefulImage:
    """`movable` marks programs that are told their directory by a flag, so that the usual one proves little."""

    directories: tuple[str, ...]
    family: str
    movable: bool = False


def _same(image: StatefulImage, *names: str) -> dict[str, StatefulImage]:
    return dict.fromkeys(names, image)


#: By the last part of the repository, or the last two where that one alone says nothing. From the images' own pages.
STATEFUL_IMAGES: Mapping[str, StatefulImage] = {
    **_same(
        StatefulImage(("/var/lib/postgresql/data",), "PostgreSQL"),
        *("postgres", "postgis", "timescaledb", "timescaledb-ha", "pgvector"),
    ),
    **_same(StatefulImage(("/var/lib/mysql",), "MySQL"), "mysql", "mysql-server", "percona", "percona-server"),
    **_same(StatefulImage(("/var/lib/mysql",), "MariaDB"), "mariadb"),
    **_same(StatefulImage(("/data/db", "/data/configdb"), "MongoDB"), "mongo", "mongodb-community-server"),
    **_same(StatefulImage(("/data",), "Redis"), "redis", "redis-stack", "redis-stack-server", "valkey", "keydb"),
    "cassandra": StatefulImage(("/var/lib/cassandra",), "Cassandra"),
    "scylla": StatefulImage(("/var/lib/scylla",), "Scylla"),
    "elasticsearch": StatefulImage(("/usr/share/elasticsearch/data",), "Elasticsearch"),
    "opensearch": StatefulImage(("/usr/share/opensearch/data",), "OpenSearch"),
    **_same(StatefulImage(("/var/lib/kafka/data",), "Kafka"), "kafka", "cp-kafka"),
    "zookeeper": StatefulImage(("/data", "/datalog"), "ZooKeeper"),
    "rabbitmq": StatefulImage(("/var/lib/rabbitmq",), "RabbitMQ"),
    "etcd": StatefulImage(("/etcd-data",), "etcd", movable=True),
    "consul": StatefulImage(("/consul/data",), "Consul"),
    "vault": StatefulImage(("/vault/file",), "Vault", movable=True),
    "cockroach": StatefulImage(("/cockroach/cockroach-data",), "CockroachDB", movable=True),
    **_same(StatefulImage(("/var/lib/clickhouse",), "ClickHouse"), "clickhouse", "clickhouse-server"),
    "influxdb": StatefulImage(("/var/lib/influxdb2",), "InfluxDB"),
    "couchdb": StatefulImage(("/opt/couchdb/data",), "CouchDB"),
    "neo4j": StatefulImage(("/data",), "Neo4j"),
    "minio": StatefulImage(("/data",), "MinIO", movable=True),
    "registry": StatefulImage(("/var/lib/registry",), "registry"),
    "prometheus": StatefulImage(("/prometheus",), "Prometheus", movable=True),
    "grafana": StatefulImage(("/var/lib/grafana",), "Grafana"),
    **_same(StatefulImage(("/var/opt/mssql",), "SQL Server"), "mssql", "mssql/server"),
    **_same(
        StatefulImage(("/opt/oracle/oradata",), "Oracle"),
        *("oracle", "oracle-free", "oracle-xe", "database/enterprise", "database/express", "database/free"),
    ),
    "jenkins": StatefulImage(("/var/jenkins_home",), "Jenkins"),
    **_same(StatefulImage(("/var/opt/gitlab", "/etc/gitlab"), "GitLab"), "gitlab-ce", "gitlab-ee", "gitlab"),
    "gitea": StatefulImage(("/data",), "Gitea"),
    "nextcloud": StatefulImage(("/var/www/html",), "Nextcloud"),
}

#: Ports whose listener keeps state. An image of another name that exposes one may be one of the above, renamed.
STATEFUL_PORTS: Mapping[int, str] = {
    1433: "SQL Server",
    1521: "Oracle",
    2379: "etcd",
    3306: "MySQL",
    5432: "PostgreSQL",
    5984: "CouchDB",
    6379: "Redis",
    8086: "InfluxDB",
    9042: "Cassandra",
    9092: "Kafka",
    9200: "Elasticsearch",
    26257: "CockroachDB",
    27017: "MongoDB",
}

#: Proxies and caches that listen on such a port and keep nothing.
STATELESS_IMAGES = frozenset(
    {
        *("envoy", "haproxy", "maxscale", "mcrouter", "memcached", "mysql-router", "nginx", "odyssey", "pgbouncer"),
        *("pgcat", "pgpool", "proxysql", "socat", "traefik", "twemproxy", "cloud-sql-proxy"),
    }
)

_POSTGRES_MOVED = 18  # from this major version on, the data lie in a folder per version


def known_stateful(reference: ImageReference) -> StatefulImage | None:
    """None for an image that is not in the table."""
    two = "/".join(reference.repository.split("/")[-2:])
    found = STATEFUL_IMAGES.get(two) or STATEFUL_IMAGES.get(reference.basename)
    if found is not None and reference.basename == "postgres" and _major(reference.tag) >= _POSTGRES_MOVED:
        return StatefulImage(("/var/lib/postgresql",), found.family)
    return found


def _major(tag: str | None) -> int:
    version = Version.parse(tag) or Version.parse(f"{(tag or '').partition('-')[0]}.0")
    return version.numbers[0] if version else 0
