"""Who may call the endpoints of this service, and the parameters they share."""

import re
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import BeforeValidator

from shared.auth import Principal, allow
from shared.bodies import When
from shared.scope import STATIONS
from shared.spreadsheet import Format
from shared.vocabulary import Role

Operator = Annotated[Principal, allow(Role.STATION_OPERATOR, narrows={STATIONS})]
Reader = Annotated[Principal, allow(Role.STATION_OPERATOR, Role.DISPATCHER, Role.AUDITOR, narrows={STATIONS})]
Planner = Annotated[Principal, allow(Role.DISPATCHER)]
Auditor = Annotated[Principal, allow(Role.STATION_OPERATOR, Role.AUDITOR, narrows={STATIONS})]
Admin = Annotated[Principal, allow()]
From = Annotated[When, Query(alias="from")]
To = Annotated[When, Query(alias="to")]


def _written(written: Any) -> Any:
    """A time is written out: a bare number would be taken for seconds since 1970."""
    if isinstance(written, str) and not re.match(r"\d{4}-", written):
        raise ValueError("write a time as 2026-11-16T00:00:00+08:00")
    return written


Since = Annotated[When | None, BeforeValidator(_written), Query(alias="from")]
Until = Annotated[When | None, BeforeValidator(_written), Query(alias="to")]
Shape = Annotated[Literal["json"] | Format, Query(alias="format")]


def zone_of(request: Request) -> Any:
    return request.app.state.resources.settings.zone
