"""A station's log: odour, leachate, disinfection, video devices … ; what there is, the rules say."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.transfer_station.domain.limits import LogKinds
from shared.domain_errors import Conflict, Invalid

VIDEO = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    entry_id: str
    station_id: str
    kind: str
    value: float | None
    unit: str | None
    device_id: str | None
    note: str | None
    person: str | None
    at: datetime
    recorded_at: datetime

    @property
    def is_offline(self) -> bool:
        """Of a video device."""
        return self.value == 0

    def require_same(self, other: "LogEntry") -> None:
        """Whatever unit the rules gave it, and whenever it was recorded."""
        if replace(other, unit=self.unit, recorded_at=self.recorded_at) != self:
            raise Conflict("another entry has this client_id; give this one its own", code="entry_exists")


def unit_of(kind: str, value: float | None, log_kinds: LogKinds) -> str | None:
    """What `value` is measured in; None of a kind without values. Refuses a kind or a value that the rules do not know."""
    rule = log_kinds.named(kind)
    if rule is None:
        raise Invalid(f"no such kind of entry; it is one of {', '.join(sorted(log_kinds.kinds))}")
    if not rule.allows(value):
        if rule.unit is None:
            raise Invalid(f"an entry of kind {kind} has no value; say it in `note`")
        raise Invalid(f"{kind} needs a `value` from {rule.min} to {rule.max} {rule.unit}")
    return rule.unit
