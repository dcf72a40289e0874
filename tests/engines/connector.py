"""Run inside a network by tests/engines/connecting.py: opens connections, says which of them found whom they meant.

Standard input is a JSON list of [name, address, port, port inside]; standard output one of [name, port inside]. One
program tries them all at once: a shell for each would keep the processors from everybody else.
"""

from __future__ import annotations

import asyncio
import json
import sys

#: Seconds that a connection may take: what is dropped answers never. Who took it may take longer to say its name.
CONNECTING, SAYING = 3, 6


async def answered(name: str, address: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port), CONNECTING)
    except (OSError, TimeoutError):
        return False
    try:
        said = await asyncio.wait_for(reader.read(), SAYING)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    return said.decode().strip() == name


async def all_answered(wanted: list[tuple[str, str, int, int]]) -> list[tuple[str, int]]:
    told = await asyncio.gather(*(answered(name, address, port) for name, address, port, _ in wanted))
    return [(name, inside) for (name, _, _, inside), yes in zip(wanted, told, strict=True) if yes]


if __name__ == "__main__":
    json.dump(asyncio.run(all_answered(json.load(sys.stdin))), sys.stdout)
