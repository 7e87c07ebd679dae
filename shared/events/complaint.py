"""Published by the complaint service. No contact data and no free text: who listens needs to know where, what and how late."""

from datetime import datetime

from shared.events.base import Event, Heartbeat
from shared.vocabulary import Channel, ComplaintStatus, Satisfaction, WasteStream


class ComplaintChanged(Event, type="complaint.changed.v1"):
    """A complaint came in or changed; all of it that others may know, with a growing revision."""

    complaint_id: str
    revision: int
    changed_at: datetime
    channel: Channel
    category: str
    """One of `services/complaint/data/categories.json`."""
    matter_code: str | None = None
    """GB/T 47678.5-2026."""
    district_id: str | None = None
    """6 digits, or 9 with the subdistrict."""
    contractor_id: str | None = None
    """Whom it was dispatched to, if that was a contractor."""
    lon: float | None = None
    lat: float | None = None
    """WGS-84, rounded as for the public."""
    status: ComplaintStatus
    open: bool
    requested_at: datetime
    closed_at: datetime | None = None
    yellow_at: datetime | None = None
    due_at: datetime | None = None
    """Of the running resolve clock; null when none runs."""
    level: int = 0
    """How far an overdue case has escalated."""
    main_id: str | None = None
    """The case it was joined to."""
    stop_ids: list[str] = []
    """Missed stops that it is about."""
    order_id: str | None = None
    contacted_in_time: bool | None = None
    resolved_in_time: bool | None = None
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    returned: int = 0
    """How often it was sent back: by a failed check, or opened again."""

    @property
    def subject(self) -> str:
        return self.complaint_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class OrderWanted(Event, type="complaint.order_wanted.v1"):
    """A dispatcher wants a truck to collect what a complaint is about. `district_ids`, `contractor_ids`: the asker's scope."""

    complaint_id: str
    request_id: str
    wanted_at: datetime
    wanted_by: str
    """The id of the asker's token."""
    district_ids: list[str] = []
    contractor_ids: list[str] = []
    vehicle_id: str
    stream: WasteStream
    lon: float
    lat: float
    place: str
    due_at: datetime | None = None

    @property
    def subject(self) -> str:
        return self.complaint_id

    @property
    def time(self) -> datetime:
        return self.wanted_at


class ComplaintHeartbeat(Heartbeat, type="complaint.alive.v1"):
    """Everything the complaint service published before has been sent."""
