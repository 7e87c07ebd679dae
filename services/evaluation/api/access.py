"""Who may call the endpoints of this service, and the parameters they share."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Query, Request

from services.evaluation.schemas.index import AREA_PATTERN
from shared.auth import Principal, allow
from shared.bodies import MONTH_PATTERN
from shared.scope import BINDINGS, CONTRACTORS, DISTRICTS
from shared.vocabulary import Role

Admin = Annotated[Principal, allow()]
Auditor = Annotated[Principal, allow(Role.AUDITOR, narrows={DISTRICTS})]
AuditorOfCity = Annotated[Principal, allow(Role.AUDITOR)]
"""For what is one for the whole city."""
Inspector = Annotated[Principal, allow(Role.INSPECTOR, narrows={DISTRICTS})]
Field = Annotated[Principal, allow(Role.INSPECTOR, Role.AUDITOR, narrows={DISTRICTS})]
"""Who works with inspections; one bound to districts with theirs only."""
ReaderOfChecklists = Annotated[Principal, allow(Role.INSPECTOR, Role.AUDITOR, narrows=BINDINGS)]
Mender = Annotated[Principal, allow(Role.INSPECTOR, Role.AUDITOR, Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]
"""One bound to districts or contractors sees and mends their findings only."""
Accounts = Annotated[Principal, allow(Role.AUDITOR, Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]
"""One bound to districts or contractors sees their accounts only."""
Appellant = Annotated[Principal, allow(Role.AUDITOR, Role.DISPATCHER, narrows={DISTRICTS})]
"""Against an area's figure, which is no contractor's."""
Evaluators = Annotated[Principal, allow(Role.EVALUATOR, Role.AUDITOR, Role.DISPATCHER, narrows=BINDINGS)]
"""Who reads what is published, which names nobody."""
Evaluator = Annotated[Principal, allow(Role.EVALUATOR)]

AreaInPath = Annotated[str, Path(pattern=AREA_PATTERN)]
AreaInQuery = Annotated[str | None, Query(pattern=AREA_PATTERN)]
Month = Annotated[str, Query(pattern=MONTH_PATTERN)]
MonthInPath = Annotated[str, Path(pattern=MONTH_PATTERN)]
Revision = Annotated[int | None, Query(ge=0, le=1_000_000)]


def _zone(request: Request) -> ZoneInfo:
    zone: ZoneInfo = request.app.state.resources.settings.zone
    return zone


Zone = Annotated[ZoneInfo, Depends(_zone)]
