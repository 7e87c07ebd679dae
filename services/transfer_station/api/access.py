"""Who may call the endpoints of this service, and the parameters they share."""

from typing import Annotated

from fastapi import Header, Query

from shared.auth import Principal, allow
from shared.bodies import ID_PATTERN, When
from shared.scope import CONTRACTORS, DISTRICTS, STATIONS
from shared.vocabulary import Role

Operator = Annotated[Principal, allow(Role.STATION_OPERATOR, narrows={STATIONS})]
Reader = Annotated[Principal, allow(Role.STATION_OPERATOR, Role.DISPATCHER, Role.AUDITOR, narrows={STATIONS})]
"""Of a station as a whole, which no district or contractor has to itself."""
ReaderOfTickets = Annotated[
    Principal,
    allow(Role.STATION_OPERATOR, Role.DISPATCHER, Role.AUDITOR, narrows={STATIONS, DISTRICTS, CONTRACTORS}),
]
Admin = Annotated[Principal, allow()]
From = Annotated[When | None, Query(alias="from")]
To = Annotated[When | None, Query(alias="to")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=ID_PATTERN)]
