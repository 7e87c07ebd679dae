"""Endpoints of ratings that others published."""

from typing import Annotated

from fastapi import APIRouter

from services.evaluation.api.access import Admin, AuditorOfCity
from services.evaluation.schemas.ratings import RatingHistory, RatingImport, RatingReport, ReproductionAnswer
from services.evaluation.service import ratings
from shared.db import Transaction
from shared.endpoints import IdInPath
from shared.errors import PROBLEMS
from shared.tables_in.request import file_body, imported

router = APIRouter(responses=PROBLEMS, tags=["reference ratings"])


@router.post(
    "/v1/rating-imports",
    summary="Bring in monthly ratings that somebody else published",
    openapi_extra=file_body(RatingImport),
)
async def import_ratings(_: Admin, body: Annotated[RatingImport, imported(RatingImport)], session: Transaction) -> RatingReport:
    return await ratings.take(session, body)


@router.get("/v1/reference-ratings/{source}", summary="What its rows say of earlier months, held against those months")
async def get_reproduction(source: IdInPath, session: Transaction, _: AuditorOfCity) -> ReproductionAnswer:
    return await ratings.reproduction(session, source)


@router.get("/v1/reference-ratings/{source}/areas/{area}", summary="Every month of an area, the oldest first")
async def get_rating_history(source: IdInPath, area: IdInPath, session: Transaction, _: AuditorOfCity) -> RatingHistory:
    return await ratings.history(session, source, area)
