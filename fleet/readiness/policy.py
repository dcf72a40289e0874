"""What an organisation decides for itself: facts the engine cannot know, given to rules as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.readiness.vocabulary import Severity, Stage

#: Ports that a datastore or an administration interface listens on, and what listens there.
DATASTORE_PORTS: Mapping[int, str] = {
    1433: "SQL Server",
    1521: "Oracle",
    2375: "Docker API",
    2379: "etcd",
    2380: "etcd peers",
    3306: "MySQL",
    5432: "PostgreSQL",
    5984: "CouchDB",
    6379: "Redis",
    7000: "Cassandra peers",
    7199: "Cassandra JMX",
    8086: "InfluxDB",
    9042: "Cassandra",
    9092: "Kafka",
    9200: "Elasticsearch",
    9300: "Elasticsearch peers",
    11211: "memcached",
    15672: "RabbitMQ management",
    26257: "CockroachDB",
    27017: "MongoDB",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`allowed_registries` empty means that nobody has decided yet. `severities` is by rule slug and stage."""

    allowed_registries: tuple[str, ...] = ()
    datastore_ports: Mapping[int, str] = field(default_factory=lambda: dict(DATASTORE_PORTS))
    severities: Mapping[tuple[str, Stage], Severity] = field(default_factory=dict)
