"""Registered tares: the empty weight of a truck, good until it expires. Whole kilograms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from unicodedata import normalize

from shared.domain_errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class TareExpired:
    """Why a ticket is not closed with a registered tare: this one holds no longer. Not raised: its alarm is to be committed."""

    vehicle_id: str
    expired_at: datetime
    code: ClassVar[str] = "tare_expired"

    @property
    def detail(self) -> str:
        return f"the registered tare of {self.vehicle_id} expired at {self.expired_at.isoformat()}; weigh the empty truck"


@dataclass(frozen=True, slots=True, order=True)
class Tare:
    """An empty weight somebody vouched for; `expires_at` is the first moment at which it holds no longer."""

    weighed_at: datetime
    tare_kg: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredTare:
    """An empty truck as somebody weighed it for use with later tickets. `station_ids`: where it holds; None: everywhere."""

    vehicle_id: str
    weighed_at: datetime
    tare_kg: int
    expires_at: datetime
    person: str
    station_ids: tuple[str, ...] | None

    def holds_at(self, station_id: str) -> bool:
        return self.station_ids is None or station_id in self.station_ids

    def require_order(self) -> None:
        if self.expires_at <= self.weighed_at:
            raise Invalid("expires_at must lie after weighed_at")

    def require_own(self, others: "Iterable[RegisteredTare]") -> None:
        """Nobody overwrites what other stations registered of the same weighing."""
        if any(other.weighed_at == self.weighed_at and other.station_ids != self.station_ids for other in others):
            raise Conflict("a weighing of that truck at that time is registered by others; they change it", code="tare_of_others")


def tare_at(tares: Iterable[Tare], at: datetime) -> Tare | None:
    """The newest tare weighed at or before `at`, expired or not; None when there was none."""
    return max((tare for tare in tares if tare.weighed_at <= at), default=None)


def registry_tares(entries: Iterable[tuple[datetime, int, int]], valid_days: int) -> list[Tare]:
    """What the registry says of a truck's tare: (registered_at, revision, tare_kg) in any order.

    An entry that repeats the tare of the one before it weighed nothing anew: it does not prolong.
    """
    tares: list[Tare] = []
    last_kg = 0
    for registered_at, _, tare_kg in sorted(entries):
        if tare_kg > 0 and tare_kg != last_kg:
            tares.append(Tare(registered_at, tare_kg, registered_at + timedelta(days=valid_days)))
        last_kg = tare_kg
    return tares


def plate_key(plate: str) -> str:
    """The same for however a plate is typed: 沪A·12345, 沪a 12345, or in full-width letters and digits."""
    return "".join(character for character in normalize("NFKC", plate).upper() if character.isalnum())
