"""Endpoints: data loggers and what they sent."""

from fastapi import APIRouter

from services.incinerator.api.access import Admin, From, Operator, To
from services.incinerator.schemas.plants import FrameAnswer, LoggerAnswer, LoggerBody, Mn
from services.incinerator.service import registry
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/loggers", tags=["emissions"], summary="Data loggers, and when each was heard last")
async def list_loggers(session: Transaction, principal: Operator) -> Page[LoggerAnswer]:
    return await registry.list_loggers(session, principal)


@router.put("/v1/loggers/{mn}", tags=["emissions"], summary="Register a data logger")
async def put_logger(mn: Mn, body: LoggerBody, session: Transaction, _: Admin) -> LoggerAnswer:
    """Frames of an MN that is not registered are refused."""
    return await registry.put_logger(session, mn, body)


@router.get("/v1/loggers/{mn}/frames", tags=["emissions"], summary="What a data logger sent, word for word")
async def list_frames(
    mn: Mn, session: Transaction, principal: Operator, start: From, end: To, cursor: Cursor = None, limit: Limit = 100
) -> Page[FrameAnswer]:
    """By the time it came."""
    return await registry.list_frames(session, principal, mn, start, end, cursor, limit)
