"""Request and answer bodies of complaints."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from services.complaint.domain.intake import cleaned_text
from shared.bodies import Answer, Body, Code, Id, Latitude, Longitude, Name, Note, When
from shared.vocabulary import Channel, ClockColour, ClockKind, ComplaintStatus, Satisfaction, WasteStream

MOST_CHARACTERS = 4000
Text = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS), AfterValidator(cleaned_text)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS), AfterValidator(cleaned_text)]
Why = Annotated[Note, Field(min_length=1)]
Urgency = Literal["general", "emergency", "complex"]
District = Annotated[str, StringConstraints(pattern=r"^\d{6}(\d{3})?$")]
Phone = Annotated[str, StringConstraints(pattern=r"^[+()\d][\d ()+-]{2,30}$")]
Mail = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]


class ContactBody(Body):
    """Kept encrypted and apart from the complaint, as long as the rules say."""

    name: Name | None = None
    phone: Phone | None = None
    email: Mail | None = None
    account_id: Code | None = None


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
    steps: Annotated[list["StepBody"], Field(max_length=8)] = []


# --- steps ------------------------------------------------------------------------------------------------------


class _Step(Body):
    """`person`: who did it, as a name; the token says which desk."""

    person: Name | None = None
    note: Note = ""


class Plain(_Step):
    step: Literal["accept", "take", "pass_check", "contact", "close", "approve_extension", "refuse_extension", "split", "finish"]


class WithReason(_Step):
    step: Literal["reject", "return", "fail_check", "reopen", "press", "void", "note"]
    note: Why


class Filing(_Step):
    """`even_so`: also when an open case is about the same missed collection."""

    step: Literal["file"]
    even_so: bool = False


class Dispatching(_Step):
    """To a contractor, or to a district (its own department)."""

    step: Literal["dispatch", "transfer"]
    contractor_id: Code | None = None
    district_id: District | None = None


class Replying(_Step):
    """What the citizen is told, the same for all who reported it."""

    step: Literal["answer", "reply"]
    text: Said


class CallingBack(_Step):
    step: Literal["call_back"]
    reached: bool = True
    solved: bool | None = None
    satisfaction: Satisfaction | None = None


class AskingExtension(_Step):
    step: Literal["ask_extension"]
    amount: Annotated[float, Field(gt=0, le=1000)]
    unit: Literal["hours", "days"] = "hours"
    """Counted as the clock counts: work days on a working clock."""
    note: Why


class Joining(_Step):
    step: Literal["join"]
    main_id: Id


class Editing(_Step):
    """What is left out stays. No clock changes."""

    step: Literal["edit"]
    category: Code | None = None
    urgency: Urgency | None = None
    description: Said | None = None
    address: Annotated[Text, Field(max_length=500)] | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    district_id: District | None = None
    is_public: bool | None = None


StepBody = Annotated[
    Plain | WithReason | Filing | Dispatching | Replying | CallingBack | AskingExtension | Joining | Editing,
    Field(discriminator="step"),
]
ComplaintBody.model_rebuild()


class StepsBody(Body):
    """Done in order, all of them or none. `revision`: the one that was looked at; a newer one refuses them."""

    steps: Annotated[list[StepBody], Field(min_length=1, max_length=8)]
    revision: Annotated[int, Field(ge=1)] | None = None


class OrderBody(Body):
    """What a truck is to fetch there."""

    vehicle_id: Id
    stream: WasteStream
    due_at: When | None = None


class FollowerBody(Body):
    contact: ContactBody


class LookBody(Body):
    """Who looks at contact data and why: it is written down."""

    person: Name
    reason: Why


# --- answers ----------------------------------------------------------------------------------------------------


class ClockAnswer(Answer):
    """`pauses`: begin and counted seconds of approved extensions. `working`: its seconds are working seconds."""

    kind: ClockKind
    round: int
    started_at: datetime
    limit_seconds: int
    working: bool
    pauses: list[Any]
    yellow_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    colour: ClockColour


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
    order: dict[str, Any] | None
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
    clocks: list[dict[str, Any]]
    changed: dict[str, Any]


class ComplaintDetail(ComplaintAnswer):
    """`contact`: masked. `steps`: what may be done now. `proposed_*`: a reply to be read, changed and sent by a person."""

    contact: dict[str, str | None] | None
    clocks: list[ClockAnswer]
    history: list[EventAnswer]
    steps: list[str]
    extension: dict[str, Any] | None
    evidence: dict[str, Any] | None
    evidence_at: datetime | None
    proposed_zh: str | None
    proposed_en: str | None
    missed_stop_ids: list[str]
    joined_ids: list[str]
    photo_ids: list[str]


class ContactAnswer(Answer):
    contact: dict[str, str | None] | None
    followers: list[dict[str, str | None]]


class LookAnswer(Answer):
    actor: str
    person: str
    reason: str
    at: datetime


class LooksAnswer(Answer):
    items: list[LookAnswer]


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


class PhotoAnswer(Answer):
    photo_id: str
    width_px: int
    height_px: int


class CategoryAnswer(Answer):
    code: str
    zh: str
    en: str
    group: str
    kind: str
    matter_code: str | None
    event_code: str | None


class RulesAnswer(Answer):
    """What holds today: categories, clocks, and what is taken in."""

    categories: list[CategoryAnswer]
    clocks: dict[str, Any]
    intake: dict[str, Any]
