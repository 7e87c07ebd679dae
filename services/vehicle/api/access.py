"""Who may call the endpoints of this service, and the parameters they share."""

from typing import Annotated

from fastapi import Query

from shared.auth import Principal, allow
from shared.bodies import ID_PATTERN, When
from shared.scope import CONTRACTORS, DISTRICTS, VEHICLES
from shared.vocabulary import Role

Device = Annotated[Principal, allow(Role.DEVICE, narrows={VEHICLES})]
Dispatcher = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]
DispatcherOfDistricts = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS})]
Reader = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, narrows={VEHICLES, DISTRICTS, CONTRACTORS})]
Admin = Annotated[Principal, allow()]
From = Annotated[When, Query(alias="from")]
To = Annotated[When, Query(alias="to")]
NamedId = Annotated[str | None, Query(pattern=ID_PATTERN)]
