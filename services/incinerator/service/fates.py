"""What becomes of a data logger's frame."""

from datetime import datetime
from enum import StrEnum

from services.incinerator.domain.hj212 import Message
from services.incinerator.domain.means import Sent

KINDS = {"2011": Sent.REALTIME, "2051": Sent.MINUTE, "2061": Sent.HOUR, "2031": Sent.DAY, "2111": Sent.FURNACE}
"""The commands whose values are read."""


class Fate(StrEnum):
    TAKEN = "taken"
    DUPLICATE = "duplicate"
    AHEAD = "ahead"
    """Kept and answered, but its time lies in the future, or too far back to be believed: no reading is made of it."""
    NO_TIME = "no_time"
    """Kept and answered, but its time is missing or unreadable: no reading is made of it."""
    UNKNOWN_LOGGER = "unknown_logger"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a word, not a secret
    WRONG_CRC = "wrong_crc"
    UNREADABLE = "unreadable"


KEPT = frozenset({Fate.TAKEN, Fate.DUPLICATE, Fate.AHEAD, Fate.NO_TIME})
"""The device is registered and knows its password."""


def fate_of(message: Message, data_at: datetime | None, *, ahead: bool) -> Fate:
    """Of a frame that is kept; `data_at`: its time as it was read."""
    if ahead:
        return Fate.AHEAD
    needs_time = message.cn in KINDS or message.time_text is not None
    return Fate.NO_TIME if needs_time and data_at is None else Fate.TAKEN
