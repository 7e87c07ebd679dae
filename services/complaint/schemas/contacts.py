"""Bodies of contact data and of who looked at it."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from services.complaint.schemas.fields import Why
from shared.bodies import Answer, Body, Code, Name

Phone = Annotated[str, StringConstraints(pattern=r"^[+()\d][\d ()+-]{2,30}$")]
Mail = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]


class ContactBody(Body):
    """Kept encrypted and apart from the complaint, as long as the rules say."""

    name: Name | None = None
    phone: Phone | None = None
    email: Mail | None = None
    account_id: Code | None = None


class FollowerBody(Body):
    contact: ContactBody


class LookBody(Body):
    """Who looks at contact data and why: it is written down."""

    person: Name
    reason: Why


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
