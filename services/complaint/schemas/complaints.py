"""Bodies of complaints."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from services.complaint.domain.cases import CaseOnMap
from services.complaint.domain.evidence import Evidence
from services.complaint.domain.orders import TruckOrder
from services.complaint.schemas.contacts import ContactBody
from services.complaint.schemas.fields import District, Said, Text, Urgency
from services.complaint.schemas.steps import StepBody
from shared.bodies import Answer, AsJson, Body, Code, Id, Latitude, Longitude, When, as_json
from shared.vocabulary import Channel, ClockColour, ClockKind, ComplaintStatus, Satisfaction


class ComplaintBody(Body):
    """A complaint taken by the hotline or another channel. `client_id`: the sender's own id; the same again is the same case.
    `steps`: done at once, such as accept, file, dispatch. Without `contact` it is anonymous."""

    client_id: Id | None = None
    channel: Channel = Channel.HOTLINE
    category: Code
    urgency: Urgency | None = None
    description: Said
    address: Annotated[Text, Field(max_length=500)] | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    district_id: District | None = None
    requested_at: When | None = None
    is_public: bool = False
    contact: ContactBody | None = None
    steps: Annotated[list[StepBody], Field(max_length=8)] = []


class ClockAnswer(Answer):
    """`pauses`: begin and counted seconds of approved extensions. `working`: its seconds are working seconds."""

    kind: ClockKind
    round: int
    started_at: datetime
    limit_seconds: int
    working: bool
    pauses: Annotated[list[Any], AsJson]
    yellow_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    colour: ClockColour


class ShownOrder(TypedDict):
    """As far as it has come: what only an answer of the route service tells is left out before there is one."""

    request_id: NotRequired[str]
    vehicle_id: str
    status: str
    order_id: str | None
    revision: int
    status_at: NotRequired[str]
    stop_id: NotRequired[str | None]
    detail: NotRequired[str]
    code: NotRequired[str]


def shown_order(order: TruckOrder | None) -> dict[str, Any] | None:
    if order is None:
        return None
    answered = {"stop_id"} if order.status_at else set()
    return {name: value for name, value in as_json(order).items() if value is not None or name in {"order_id", *answered}}


class ComplaintAnswer(Answer):
    """`colour`: of the running resolve clock. `matter_code`: GB/T 47678.5-2026. `order`: what a truck was told about it."""

    case_id: str
    revision: int
    channel: Channel
    source: str | None
    source_id: str | None
    their_category: str | None
    category: str
    category_zh: str
    category_en: str
    matter_code: str | None
    urgency: str
    description: str
    attributes: dict[str, Any]
    address: str | None
    lon: float | None
    lat: float | None
    district_id: str | None
    is_public: bool
    has_contact: bool
    status: ComplaintStatus
    main_id: str | None
    handler_district_id: str | None
    contractor_id: str | None
    requested_at: datetime
    received_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    colour: ClockColour | None
    level: int
    round: int
    pressed: int
    returned: int
    contacted_in_time: bool | None
    resolved_in_time: bool | None
    solved: bool | None
    satisfaction: Satisfaction | None
    reply: str | None
    order: Annotated[ShownOrder | None, BeforeValidator(shown_order)]
    followers: int


class EventAnswer(Answer):
    seq: int
    step: str
    status: ComplaintStatus
    at: datetime
    actor: str
    person: str | None
    note: str | None
    responsible: str
    clocks: Annotated[list[dict[str, Any]], AsJson]
    changed: dict[str, Any]


class ComplaintDetail(ComplaintAnswer):
    """`contact`: masked. `steps`: what may be done now. `proposed_*`: a reply to be read, changed and sent by a person."""

    contact: dict[str, str | None] | None
    clocks: list[ClockAnswer]
    history: list[EventAnswer]
    steps: list[str]
    extension: Annotated[dict[str, Any] | None, AsJson]
    evidence: Annotated[Evidence | None, AsJson]
    evidence_at: datetime | None
    proposed_zh: str | None
    proposed_en: str | None
    missed_stop_ids: list[str]
    joined_ids: list[str]
    photo_ids: list[str]


class DuplicateAnswer(Answer):
    """`why`: metres, hours, same category, likeness of the texts 0 to 1, the same missed stop."""

    case_id: str
    main_id: str | None
    status: ComplaintStatus
    category: str
    requested_at: datetime
    score: float
    metres: float
    hours: float
    likeness: float
    same_missed_stop: bool


class DuplicatesAnswer(Answer):
    items: list[DuplicateAnswer]


class MapAnswer(Answer):
    """GeoJSON; `complete` false: there are more than were asked for, come nearer."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    complete: bool
    features: list[dict[str, Any]]


def feature(case: CaseOnMap, colour: ClockColour | None) -> dict[str, Any]:
    """A case as a feature of GeoJSON."""
    properties = {name: getattr(case, name) for name in ("category", "status", "urgency")} | {"colour": colour}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [case.lon, case.lat]},
        "properties": properties | {"case_id": case.case_id, "requested_at": case.requested_at.isoformat()},
    }


class PhotoAnswer(Answer):
    photo_id: str
    width_px: int
    height_px: int
