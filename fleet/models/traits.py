"""What the facts of a container say, as conditions for the database: each beside an index of those of whom it holds."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Trait(models.Func):
    """A condition on the column `facts`. PostgreSQL has it in a partial index (migration `traits_of_containers`)."""

    output_field = models.BooleanField()
    conditional = True
    on_postgresql: ClassVar[str]
    on_sqlite: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(models.F("facts"))

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        facts, params = compiler.compile(self.source_expressions[0])
        return self.on_sqlite.format(facts=facts), params * self.on_sqlite.count("{facts}")

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        facts, params = compiler.compile(self.source_expressions[0])
        return f"jsonb_path_exists({facts}, '{self.on_postgresql}')", params


class OpensDoors(Trait):
    """Something from outside the host reaches it: a published port, or the host's own network."""

    on_postgresql = '$ ? (@.network_mode == "host" || exists(@.ports[*] ? (@.host_port != null || @.bound == true)))'
    on_sqlite = (
        "(json_extract({facts}, '$.network_mode') = 'host'"
        " OR EXISTS (SELECT 1 FROM json_each({facts}, '$.ports') AS port"
        " WHERE json_extract(port.value, '$.host_port') IS NOT NULL OR json_extract(port.value, '$.bound')))"
    )


class HasPowers(Trait):
    """It can do more than an ordinary container."""

    on_postgresql = (
        '$ ? (@.privileged == true || @.pid_mode == "host" || @.network_mode == "host" || exists(@.cap_add[*]))'
    )
    on_sqlite = (
        "(json_extract({facts}, '$.privileged') OR json_extract({facts}, '$.pid_mode') = 'host'"
        " OR json_extract({facts}, '$.network_mode') = 'host' OR json_array_length({facts}, '$.cap_add') > 0)"
    )
