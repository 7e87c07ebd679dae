"""Looking at complaints: one, a list, a map, what may be the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain.cases import Case, NearbyCase
from services.complaint.domain.contacts import Contact
from services.complaint.domain.filters import CaseFilters
from services.complaint.domain.intake import IntakeRules
from services.complaint.domain.similarity import cell_count, cells_in, grams, score, similarity
from services.complaint.domain.workflow import steps_from
from services.complaint.encryption import ContactEncryption
from services.complaint.schemas.complaints import (
    ClockAnswer,
    ComplaintAnswer,
    ComplaintDetail,
    DuplicateAnswer,
    DuplicatesAnswer,
    EventAnswer,
    MapAnswer,
    feature,
)
from services.complaint.schemas.rules import CategoryAnswer, RulesAnswer
from services.complaint.service import cases
from services.complaint.store import cases as store
from services.complaint.store import evidence as evidence_store
from services.complaint.store import people
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import BadRequest
from shared.geo import METRES_PER_DEGREE, flat_m

Box = tuple[float, float, float, float]
MOST_CELLS = 400
MOST_ON_MAP = 2000
CANDIDATES = 300
SHOWN_DUPLICATES = 20


def answer(case: Case, at: datetime) -> ComplaintAnswer:
    zh, en = _category_names(case)
    return ComplaintAnswer.describing(case, category_zh=zh, category_en=en, colour=case.colour_at(at))


def _category_names(case: Case) -> tuple[str, str]:
    category = cases.category_of(case)
    return (category.zh, category.en) if category else ("", "")


async def list_complaints(
    session: AsyncSession, principal: Principal, filters: CaseFilters, words: str | None, cursor: str | None, limit: int
) -> Page[ComplaintAnswer]:
    """Newest first."""
    at = now()
    if words:
        pairs = grams(words)
        if not pairs:
            raise BadRequest("search for at least two letters or characters")
        filters = replace(filters, grams=tuple(pairs))
    key = decode_cursor(cursor, datetime, str)
    page = await store.page(session, principal, filters, at, (key[0], key[1]) if key else None, limit + 1)
    items = [answer(case, at) for case in page[:limit]]
    last = items[-1] if len(page) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.requested_at.isoformat(), last.case_id))


async def get_complaint(
    session: AsyncSession, principal: Principal, encryption: ContactEncryption, case_id: str
) -> ComplaintDetail:
    case, at = await cases.get(session, principal, case_id), now()
    contacts = [one for one in await people.contacts(session, case_id) if not one.follows]
    zh, en = _category_names(case)
    return ComplaintDetail.describing(
        case,
        category_zh=zh,
        category_en=en,
        colour=case.colour_at(at),
        contact=Contact.of(encryption.decrypt(contacts[0].sealed)).masked().known() if contacts else None,
        clocks=[ClockAnswer.describing(clock, colour=clock.colour_at(at)) for clock in await store.clocks(session, case_id)],
        history=[EventAnswer.model_validate(event) for event in await store.history(session, case_id)],
        steps=[step.value for step in steps_from(case.status)],
        missed_stop_ids=cases.missed_stops(case),
        joined_ids=await store.joined_to(session, case_id),
        photo_ids=await people.photo_ids(session, case_id),
    )


async def on_map(session: AsyncSession, principal: Principal, box: Box, filters: CaseFilters) -> MapAnswer:
    """Open ones unless asked otherwise, within west, south, east, north."""
    west, south, east, north = box
    if not (west < east and south < north):
        raise BadRequest("box is west,south,east,north in degrees")
    at = now()
    cells = tuple(cells_in(*box)) if cell_count(*box) <= MOST_CELLS else None
    wanted = replace(filters, open=True if filters.open is None else filters.open, box=box, cells=cells)
    shown = await store.on_map(session, principal, wanted, at, MOST_ON_MAP + 1)
    features = [feature(case, case.colour_at(at)) for case in shown[:MOST_ON_MAP]]
    return MapAnswer(complete=len(shown) <= MOST_ON_MAP, features=features)


# --- duplicates -------------------------------------------------------------------------------------------------


async def duplicates(session: AsyncSession, principal: Principal, case_id: str) -> DuplicatesAnswer:
    """Cases that may be this one: near in place and time, of one group or alike in words, or about the same missed stop."""
    case = await cases.get(session, principal, case_id)
    same_stop = await _about_the_same_missed_stop(session, case)
    if case.place is None:
        return DuplicatesAnswer(items=[])
    lon, lat = case.place
    rules = rulebooks.INTAKE_RULES.at(case.received_at)
    span = timedelta(hours=rules.duplicate_hours)
    margin = rules.duplicate_metres / METRES_PER_DEGREE * 1.5
    cells = cells_in(lon - margin, lat - margin, lon + margin, lat + margin)
    start, end = case.requested_at - span, case.requested_at + span
    nearby = await store.near(session, principal.scope, cells, start, end, CANDIDATES)
    compared = [
        _duplicate(case, other, flat_m(lon, lat, other.lon, other.lat), rules, other.case_id in same_stop)
        for other in nearby
        if other.case_id != case_id
    ]
    return DuplicatesAnswer(items=_likeliest(compared, rules))


async def _about_the_same_missed_stop(session: AsyncSession, case: Case) -> set[str]:
    missed = cases.missed_stops(case)
    stops = await evidence_store.about_stops(session, missed) if missed else []
    return {stop.case_id for stop in stops if stop.missed}


def _likeliest(compared: Sequence[DuplicateAnswer], rules: IntakeRules) -> list[DuplicateAnswer]:
    likely = [
        one
        for one in compared
        if one.same_missed_stop or (one.metres <= rules.duplicate_metres and one.score >= rules.duplicate_likeness)
    ]
    likely.sort(key=lambda one: (-one.same_missed_stop, -one.score, one.case_id))
    return likely[:SHOWN_DUPLICATES]


def _duplicate(case: Case, other: NearbyCase, metres: float, rules: IntakeRules, same_stop: bool) -> DuplicateAnswer:
    hours = abs((case.requested_at - other.requested_at).total_seconds()) / 3600
    alike = similarity(case.description, other.description)
    same = case.category == other.category
    points = score(metres, rules.duplicate_metres, hours, rules.duplicate_hours, same, alike)
    return DuplicateAnswer.describing(
        other,
        score=points,
        metres=round(metres, 1),
        hours=round(hours, 2),
        likeness=round(alike, 3),
        same_missed_stop=same_stop,
    )


def rules_now() -> RulesAnswer:
    at = now()
    by_code = rulebooks.CATEGORIES.at(at).by_code().values()
    clock_rules, intake = rulebooks.CLOCK_RULES.at(at), rulebooks.INTAKE_RULES.at(at)
    return RulesAnswer(
        categories=[CategoryAnswer.model_validate(category) for category in by_code],
        clocks={name: getattr(clock_rules, name) for name in ("source", "work_spans", "yellow_ratio", "limits", "escalations")},
        intake={name: getattr(intake, name) for name in ("source", "boxes", "per_address_minute", "contact_days")},
    )
