"""The list of containers as it came, cut into entries of which only those are parsed that somebody looks at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from fleet.engines.reading import looks
from fleet.engines.reading.asking import Entry, is_container_id
from fleet.engines.reading.plan import fingerprint, shown_as
from fleet.inventory import Gap

Parse = Callable[[bytes], object]

PATH: Final = "/containers/json"


class _Head(msgspec.Struct, gc=False):
    """What is wanted of every entry."""

    Id: object = None
    State: object = None
    ImageID: object = None


_head = msgspec.json.Decoder(_Head).decode


class Shown:
    """A list as it came: JSON, each entry by itself, with the sizes of writable layers where it is `sized`."""

    def __init__(self, entries: Sequence[bytes] = (), *, sized: bool = False) -> None:
        self.entries, self.sized = entries, sized

    @cached_property
    def marks(self) -> Sequence[str]:
        """What stays the same of each entry while its container does; see `looks.mark`."""
        return [looks.mark(entry, sized=self.sized) for entry in self.entries]

    @cached_property
    def looks(self) -> str:
        """How the whole list is known again."""
        return looks.of_containers(self.marks)


class Listing(Mapping[str, Entry]):
    """Entries by id. One that looks as it did when it was parsed and inspected need not be parsed again: a list of a
    hundred containers takes longer to be parsed than all else that a sweep does while one of them changed.
    """

    def __init__(self, shown: Shown, parse: Parse, gaps: list[Gap]) -> None:
        """What `parse` raises comes through; here already for an entry that is no container, which is left out and
        counted as a gap.
        """
        self._parse = parse
        self._parsed: dict[str, Entry] = {}
        self._entries: dict[str, bytes] = {}
        self._heads: dict[str, _Head] = {}
        self.marks: dict[str, str] = {}
        others: list[bytes] = []
        for entry, mark in zip(shown.entries, shown.marks, strict=True):
            head = _head_of(entry)
            if head is None or not is_container_id(head.Id):
                others.append(entry)
                continue
            if head.Id in self._entries:
                others.append(self._entries[head.Id])
            self._entries[head.Id], self._heads[head.Id], self.marks[head.Id] = entry, head, mark
        objects = len(self._entries) + sum(isinstance(parse(entry), dict) for entry in others)
        total = len(shown.entries)
        if objects < total:
            gaps.append(Gap(PATH, f"{total - objects} of {total} entries are no objects"))
        #: Whether every entry is one of a container.
        self.whole = len(self._entries) == total
        nameless = objects - len(self._entries)
        if nameless:
            gaps.append(Gap(PATH, f"{nameless} of {objects} containers have no usable id of their own"))

    def __getitem__(self, identity: str) -> Entry:
        found = self._parsed.get(identity)
        if found is None:
            value = self._parse(self._entries[identity])
            self._parsed[identity] = found = value if isinstance(value, dict) else {}
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def read(self, identities: Collection[str]) -> None:
        """Parses these now, so that nothing is refused later."""
        for identity in identities:
            self[identity]

    def looks_as(self, identity: str, known: str | None) -> bool:
        """Whether a container is shown as it was when it was inspected last; `known` is what `remembered` made of it.

        The digest that was remembered until marks came is taken as well, so that an update of Loadline has nothing
        inspected at once; each has its turn within the hour.
        """
        if not known:
            return False
        shown = shown_as(known)
        return shown == self.marks[identity] or shown == fingerprint(self[identity])

    def runs(self, identity: str) -> bool:
        return self._heads[identity].State == "running"

    def image_of(self, identity: str) -> object:
        return self._heads[identity].ImageID


def _head_of(entry: bytes) -> _Head | None:
    try:
        return _head(entry)
    except msgspec.DecodeError:
        return None
