"""Endpoints of the inspectors' page."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.evaluation.api.access import Field, Zone
from services.evaluation.schemas.assignments import AssignmentsAnswer
from services.evaluation.service import assignments
from shared.bodies import Code
from shared.db import Transaction
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS, tags=["inspections"])


@router.get("/v1/inspection-assignments", summary="What this inspector has to look at this month, and what is done")
async def get_assignments(
    session: Transaction, principal: Field, zone: Zone, inspector: Annotated[Code | None, Query()] = None
) -> AssignmentsAnswer:
    return await assignments.assignments(session, principal, inspector, zone)
