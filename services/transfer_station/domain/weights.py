"""Gross, tare, net: what a weighbridge ticket may say. Whole kilograms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a weight is not taken, and what to do."""

    code: str
    detail: str


def refused_weights(gross_kg: int, tare_kg: int, gross_max_kg: int) -> Refusal | None:
    if gross_kg > gross_max_kg:
        return Refusal("gross_too_high", f"gross {gross_kg} kg is above {gross_max_kg} kg; read the scale again")
    if gross_kg <= tare_kg:
        return Refusal(
            "net_not_positive",
            f"gross {gross_kg} kg − tare {tare_kg} kg leaves nothing; weigh again, correct the gross weight, or void the ticket",
        )
    return None


@dataclass(frozen=True, slots=True, order=True)
class Tare:
    """An empty weight somebody vouched for; `expires_at` is the first moment at which it holds no longer."""

    weighed_at: datetime
    tare_kg: int
    expires_at: datetime


def tare_at(tares: Iterable[Tare], at: datetime) -> Tare | None:
    """The newest tare weighed at or before `at`, expired or not; None when there was none."""
    return max((tare for tare in tares if tare.weighed_at <= at), default=None)


def registry_tares(entries: Iterable[tuple[datetime, int, int]], valid_days: int) -> list[Tare]:
    """What the registry says of a truck's tare: (registered_at, revision, tare_kg) in any order.

    An entry that repeats the tare of the one before it weighed nothing anew: it does not prolong.
    """
    found: list[Tare] = []
    last_kg = 0
    for registered_at, _, tare_kg in sorted(entries):
        if tare_kg > 0 and tare_kg != last_kg:
            found.append(Tare(registered_at, tare_kg, registered_at + timedelta(days=valid_days)))
        last_kg = tare_kg
    return found


def plate_key(plate: str) -> str:
    """The same for however a plate is typed: 沪A·12345, 沪a 12345, or in full-width letters and digits."""
    return "".join(character for character in normalize("NFKC", plate).upper() if character.isalnum())
