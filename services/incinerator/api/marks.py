"""Endpoints: operating marks of furnace lines."""

from fastapi import APIRouter, Request

from services.incinerator.api.access import Operator, Reader, zone_of
from services.incinerator.schemas.plants import MarkAnswer, MarkBody
from services.incinerator.service import marks
from shared.bodies import Page
from shared.db import Transaction
from shared.endpoints import IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/lines/{line_id}/marks", tags=["emissions"], summary="Operating marks, in the order they were recorded")
async def list_marks(line_id: IdInPath, session: Transaction, principal: Reader) -> Page[MarkAnswer]:
    return await marks.list_marks(session, principal, line_id)


@router.put("/v1/lines/{line_id}/marks", tags=["emissions"], summary="Say in which condition a line is or was")
async def put_mark(request: Request, line_id: IdInPath, body: MarkBody, session: Transaction, principal: Operator) -> MarkAnswer:
    """Data of a time that is marked as other than normal is left out of the judgement; days judged before are judged anew."""
    return await marks.put_mark(session, principal, line_id, body, zone_of(request))
