"""Who may call the endpoints of this service, and the parameters they share."""

from typing import Annotated

from fastapi import Query

from shared.auth import Principal, allow
from shared.bodies import When
from shared.scope import BINDINGS, CONTRACTORS, DISTRICTS
from shared.vocabulary import Role

Desk = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]
DeskOfDistricts = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS})]
Reader = Annotated[Principal, allow(Role.DISPATCHER, Role.AUDITOR, narrows={DISTRICTS, CONTRACTORS})]
ReaderOfRules = Annotated[Principal, allow(Role.DISPATCHER, Role.AUDITOR, narrows=BINDINGS)]
Admin = Annotated[Principal, allow()]
From = Annotated[When | None, Query(alias="from")]
To = Annotated[When | None, Query(alias="to")]
