"""Bodies of what is done with a complaint."""

from typing import Annotated, Literal

from pydantic import Field

from services.complaint.schemas.fields import District, Said, Text, Urgency, Why
from shared.bodies import Body, Code, Id, Latitude, Longitude, Name, Note, When
from shared.vocabulary import Satisfaction, WasteStream


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


class StepsBody(Body):
    """Done in order, all of them or none. `revision`: the one that was looked at; a newer one refuses them."""

    steps: Annotated[list[StepBody], Field(min_length=1, max_length=8)]
    revision: Annotated[int, Field(ge=1)] | None = None


class OrderBody(Body):
    """What a truck is to fetch there."""

    vehicle_id: Id
    stream: WasteStream
    due_at: When | None = None
