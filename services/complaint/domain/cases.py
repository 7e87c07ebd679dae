"""A complaint as a case: what was reported, where it stands, and what may become of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Self

from services.complaint.domain.casework import Asked, Standing
from services.complaint.domain.categories import Category
from services.complaint.domain.clocks import RecordedClock, colour_at
from services.complaint.domain.evidence import Evidence, Question, ReplyTemplates
from services.complaint.domain.intake import is_within
from services.complaint.domain.orders import WANTED, TruckOrder
from services.complaint.domain.refusals import BadValue, Refused
from services.complaint.domain.workflow import CENTRE, RESPONSIBLE, UNANSWERED
from shared.vocabulary import Channel, ClockColour, ComplaintStatus, Satisfaction

Box = Sequence[float]
TOLD = ("channel", "description", "address", "lon", "lat", "requested_at")
"""What of a complaint nobody but an editor changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody reports; what they leave out is None."""

    channel: Channel
    category: str
    description: str
    urgency: str | None = None
    address: str | None = None
    address_id: str | None = None
    lon: float | None = None
    lat: float | None = None
    district_id: str | None = None
    requested_at: datetime | None = None
    is_public: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    media_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is None stays."""

    category: str | None = None
    urgency: str | None = None
    description: str | None = None
    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    district_id: str | None = None
    is_public: bool | None = None


EDITABLE = tuple(one.name for one in fields(Edit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`closed_at`: when it ended, closed, rejected or void; `yellow_at`, `due_at`: of the running resolve clock. `extension`:
    asked for and not yet answered. `is_main`: others were joined to it. `events`: how long its history is."""

    case_id: str
    channel: Channel
    category: str
    urgency: str
    description: str
    requested_at: datetime
    received_at: datetime
    changed_at: datetime
    revision: int = 0
    source: str | None = None
    """Where it was brought in from, and what it was called there; its own words for the category."""
    source_id: str | None = None
    their_category: str | None = None
    matter_code: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None
    address_id: str | None = None
    lon: float | None = None
    lat: float | None = None
    district_id: str | None = None
    is_public: bool = False
    has_contact: bool = False
    media_url: str | None = None
    status: ComplaintStatus = ComplaintStatus.RECEIVED
    before_join: ComplaintStatus | None = None
    main_id: str | None = None
    handler_district_id: str | None = None
    contractor_id: str | None = None
    closed_at: datetime | None = None
    yellow_at: datetime | None = None
    due_at: datetime | None = None
    level: int = 0
    round: int = 1
    pressed: int = 0
    returned: int = 0
    contacted_in_time: bool | None = None
    resolved_in_time: bool | None = None
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    reply: str | None = None
    extension: Asked | None = None
    evidence: Evidence | None = None
    evidence_at: datetime | None = None
    evidence_wanted_at: datetime | None = None
    proposed_zh: str | None = None
    proposed_en: str | None = None
    order: TruckOrder | None = None
    followers: int = 0
    is_main: bool = False
    events: int = 0

    @classmethod
    def received(
        cls, report: Report, category: Category, case_id: str, at: datetime, boxes: Iterable[Box], *, has_contact: bool
    ) -> Self:
        """A new case, of a report from within the city and not from the future."""
        if report.requested_at is not None and report.requested_at > at:
            raise BadValue("in_the_future", "`requested_at` lies in the future")
        case = cls(
            case_id=case_id,
            channel=report.channel,
            category=report.category,
            matter_code=category.matter_code,
            urgency=report.urgency or category.urgency,
            description=report.description,
            attributes=report.attributes,
            address=report.address,
            address_id=report.address_id,
            lon=report.lon,
            lat=report.lat,
            district_id=report.district_id,
            is_public=report.is_public,
            has_contact=has_contact,
            media_url=report.media_url,
            requested_at=report.requested_at or at,
            received_at=at,
            changed_at=at,
        )
        case.require_place_within(boxes)
        # `tasks.py::ask_for_evidence` takes up what wants evidence.
        return replace(case, evidence_wanted_at=at if case.wants_evidence(category) else None)

    # --- what it says ---------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def place(self) -> tuple[float, float] | None:
        """lon, lat."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)

    @property
    def responsible(self) -> str:
        """Who has to act: `centre`, `contractor:K-1` or `district:310104`."""
        if RESPONSIBLE[self.status] == CENTRE:
            return CENTRE
        return f"contractor:{self.contractor_id}" if self.contractor_id else f"district:{self.handler_district_id}"

    def standing(self, clocks: Iterable[RecordedClock]) -> Standing:
        return Standing(
            status=self.status,
            before_join=self.before_join,
            has_contact=self.has_contact,
            round=self.round,
            returned=self.returned,
            pressed=self.pressed,
            asked=self.extension,
            clocks=tuple(recorded.clock for recorded in clocks),
        )

    def colour_at(self, at: datetime) -> ClockColour | None:
        """Of the running resolve clock."""
        return colour_at(at, self.yellow_at, self.due_at) if self.due_at and self.yellow_at else None

    def repeats(self, report: Report) -> bool:
        """Whether the report says nothing else than this case did when it came in."""
        return all(getattr(report, name) in {None, getattr(self, name)} for name in TOLD)

    def wants_evidence(self, category: Category | None) -> bool:
        return category is not None and category.task is not None and self.lon is not None

    def question(self, category: Category | None, evidence_hours: float) -> Question | None:
        """None where no round could have prevented the complaint."""
        if category is None or category.task is None or self.lon is None or self.lat is None:
            return None
        return Question(
            lon=self.lon,
            lat=self.lat,
            start=self.requested_at - timedelta(hours=evidence_hours),
            end=self.requested_at,
            task=category.task,
            stream=self.attributes.get("stream") or category.stream,
        )

    def missed_stops(self, category: Category | None) -> list[str]:
        """The missed stops that a complaint about collection is about, by its evidence; other complaints only rest on theirs."""
        if self.evidence is None or category is None or category.group != "collection":
            return []
        return self.evidence.missed_stops

    def lies_within(self, boxes: Iterable[Box]) -> bool:
        """True as well where it does not say where."""
        return self.lon is None or self.lat is None or is_within(self.lon, self.lat, boxes)

    def require_place_within(self, boxes: Iterable[Box]) -> None:
        if (self.lon is None) != (self.lat is None):
            raise BadValue("half_a_place", "send both lon and lat, or neither")
        if not self.lies_within(boxes):
            raise BadValue("outside_the_city", "the place lies outside the city; look at lon and lat (WGS-84)")

    # --- what becomes of it ---------------------------------------------------------------------------------

    def edited(self, edit: Edit, category: Category | None, boxes: Iterable[Box], at: datetime) -> Self:
        """`category`: the one that it has then. No clock changes."""
        values = {name: getattr(edit, name) for name in EDITABLE if getattr(edit, name) is not None}
        case = replace(self, **values)
        case.require_place_within(boxes)
        case = replace(case, matter_code=category.matter_code if category else None)
        moved = (case.category, case.lon, case.lat) != (self.category, self.lon, self.lat)
        return replace(case, evidence_wanted_at=at) if moved and case.wants_evidence(category) else case

    def require_joinable_to(self, main: "Case") -> None:
        if main.case_id == self.case_id:
            raise BadValue("invalid", "a case cannot be joined to itself")
        if main.status not in UNANSWERED:
            raise Refused("main_is_over", f"the case to join is {main.status}")
        if self.followers or self.is_main:
            raise Refused("is_a_main", "others are joined to this case or follow it; join the other way round")

    def followed(self) -> Self:
        """One more person waits for the answer."""
        self.require_followable()
        return replace(self, followers=self.followers + 1)

    def require_followable(self) -> None:
        if not self.is_open:
            raise Refused("over", "the case is over; file a new one")

    def require_room_for_photo(self, photo_id: str, photo_ids: Sequence[str], most: int) -> None:
        if photo_id not in photo_ids and len(photo_ids) >= most:
            raise Refused("too_many_photos", f"a case holds at most {most} photos")

    def ordered(self, request_id: str, vehicle_id: str) -> Self:
        """A truck is asked for; one at a time."""
        if self.status not in UNANSWERED:
            raise Refused("over", f"the case is {self.status}")
        if self.lon is None:
            raise BadValue("no_place", "the case has no place; edit it first")
        if self.order is not None and not self.order.is_over:
            raise Refused("ordered_before", "an order for this case is under way")
        return replace(self, order=TruckOrder(request_id=request_id, vehicle_id=vehicle_id, status=WANTED))

    def with_evidence(self, evidence: Evidence, asked_at: datetime, at: datetime) -> Self:
        again_at = evidence.wanted_again_at(self.evidence_wanted_at, asked_at, self.requested_at)
        return replace(self, evidence=evidence, evidence_at=at, evidence_wanted_at=again_at)

    def with_proposal(self, category: Category | None, templates: ReplyTemplates) -> Self:
        """A reply in both languages, from its evidence, for a person to read and send."""
        if self.evidence is None:
            raise Refused("no_evidence", "a reply is proposed from evidence")
        zh, en = templates.of(self.evidence.outcome)
        return replace(
            self,
            proposed_zh=zh.format(category=category.zh if category else "", sentence=self.evidence.sentence_zh),
            proposed_en=en.format(category=category.en if category else "", sentence=self.evidence.sentence_en),
        )

    def escalated(self, level: int) -> Self:
        return replace(self, level=level)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOnMap:
    """What a map shows of a case."""

    case_id: str
    category: str
    status: ComplaintStatus
    lon: float
    lat: float
    requested_at: datetime
    due_at: datetime | None
    yellow_at: datetime | None
    closed_at: datetime | None
    urgency: str

    def colour_at(self, at: datetime) -> ClockColour | None:
        running = self.due_at and self.yellow_at and self.closed_at is None
        return colour_at(at, self.yellow_at, self.due_at) if running and self.yellow_at and self.due_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyCase:
    """What is compared to find out whether two cases are one."""

    case_id: str
    category: str
    status: ComplaintStatus
    lon: float
    lat: float
    requested_at: datetime
    description: str
    main_id: str | None
