"""Who may call the endpoints of this service, and the parameters they share."""

from typing import Annotated, Literal

from fastapi import Query

from shared.auth import Principal, allow
from shared.scope import CONTRACTORS, DISTRICTS
from shared.spreadsheet import Format
from shared.vocabulary import Role

Viewer = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]
ViewerOfDistricts = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS})]
Admin = Annotated[Principal, allow()]
Shape = Annotated[Literal["json"] | Format, Query(alias="format")]
