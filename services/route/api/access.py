"""Who may call the endpoints of this service, and the parameters they share."""

from typing import Annotated

from shared.auth import Principal, allow
from shared.scope import BINDINGS, CONTRACTORS, DISTRICTS, VEHICLES
from shared.vocabulary import Role

Dispatcher = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]


Planner = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS})]
"""Timetable and road sections belong to a district and to no contractor."""


WholeCity = Annotated[Principal, allow(Role.DISPATCHER)]


Evaluator = Annotated[Principal, allow(Role.DISPATCHER, Role.AUDITOR, narrows={DISTRICTS, CONTRACTORS})]


EvaluatorOfDistricts = Annotated[Principal, allow(Role.DISPATCHER, Role.AUDITOR, narrows={DISTRICTS})]


Admin = Annotated[Principal, allow()]


Reader = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, narrows={VEHICLES, DISTRICTS, CONTRACTORS})]


ReaderOfTimetable = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, narrows={VEHICLES, DISTRICTS})]


ReaderOfRules = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, narrows=BINDINGS)]


Follower = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, Role.AUDITOR, narrows={VEHICLES, DISTRICTS, CONTRACTORS})]
"""Of links to evidence: the quality office, too."""
