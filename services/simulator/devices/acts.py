"""What people at scales and desks tell the city, as data: who is told what, when, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Act:
    """A call of the public API that is due at `at_s`. `path` may hold `{name}`: the id that an earlier act's answer gave;
    `gives`: (field of the answer, name) to be remembered."""

    at_s: int
    path: str
    body: Mapping[str, Any]
    gives: tuple[str, str] | None = None
    method: Literal["POST", "PUT"] = "POST"


@dataclass(frozen=True, slots=True)
class Chain:
    """What is done one after the other about one thing: a ticket, a haul, a plant's day."""

    of: str
    acts: Sequence[Act]

    def told_late(self, at_s: int) -> "Chain":
        """The same, with its own times, but told at `at_s` at the earliest."""
        return Chain(self.of, [replace(act, at_s=max(act.at_s, at_s)) for act in self.acts])
