"""The waste data platform: tons by stream, place and period, their shares and growth, and quotas with their forecast.

Everything is read from what facts have added to days and months, so late data is in it at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import rulebooks
from services.gateway.domain import periods
from services.gateway.domain.periods import Grain
from services.gateway.domain.quotas import Quota
from services.gateway.domain.weighing import TIPPED
from services.gateway.schemas.flows import By, FlowRow, FlowsAnswer, QuotaAnswer, QuotaBody, Recovery, Stage
from services.gateway.store import flows as store
from services.gateway.store import quotas
from shared.clock import now
from shared.errors import Invalid
from shared.scope import Scope

MOST_PERIODS = 1_200
COLUMN: dict[str, str] = {
    "stream": "stream",
    "district": "district_id",
    "subdistrict": "district_id",
    "contractor": "contractor_id",
    "site": "site_id",
}
DISTRICT_DIGITS = 6
Sums = dict[date, Counter[str]]
NOTHING: Counter[str] = Counter()


async def flows(session: AsyncSession, scope: Scope, stage: Stage, grain: Grain, by: By, first: date, last: date) -> FlowsAnswer:
    """Of the periods that hold `first` and `last` and those between."""
    first, after = periods.begin(first, grain), periods.following(periods.begin(last, grain), grain)
    wanted = _periods(first, after, grain)
    spans = [(periods.preceding(first, grain), after), (periods.year_before(first, grain), periods.year_before(after, grain))]
    source: Grain = "month" if grain == "year" else grain
    kg: Sums = {}
    facts: Sums = {}
    streams: Sums = {}
    for each in await store.by_period(session, scope, source, spans, stage, COLUMN[by]):
        period, key = periods.begin(each.period, grain), _key(each.key, by)
        kg.setdefault(period, Counter())[key] += each.net_kg
        facts.setdefault(period, Counter())[key] += each.facts
    for each in await store.by_period(session, scope, source, [(first, after)], stage, "stream"):
        streams.setdefault(periods.begin(each.period, grain), Counter())[each.key] += each.net_kg
    totals = {period: Counter({"": each.total()}) for period, each in kg.items()}
    counted = {period: Counter({"": each.total()}) for period, each in facts.items()}
    return FlowsAnswer(
        stage=stage,
        grain=grain,
        by=by,
        first=first,
        after=after,
        rows=_rows(wanted, grain, kg, facts),
        totals=_rows(wanted, grain, totals, counted),
        recovery=[_recovery(p, streams[p]) for p in wanted if p in streams],
    )


def _periods(first: date, after: date, grain: Grain) -> list[date]:
    wanted = []
    while first < after:
        wanted.append(first)
        if len(wanted) > MOST_PERIODS:
            raise Invalid(f"more than {MOST_PERIODS} periods: ask for fewer, or for weeks, months or years")
        first = periods.following(first, grain)
    return wanted


def _key(value: str, by: By) -> str:
    return value[:DISTRICT_DIGITS] if by == "district" else value


def _rows(wanted: Iterable[date], grain: Grain, kg: Mapping[date, Counter[str]], facts: Sums) -> list[FlowRow]:
    return [_row(period, key, grain, kg, facts) for period in wanted for key in sorted(kg.get(period, NOTHING))]


def _row(period: date, key: str, grain: Grain, kg: Mapping[date, Counter[str]], facts: Sums) -> FlowRow:
    here, total = kg[period][key], kg[period].total()
    before = kg.get(periods.preceding(period, grain), NOTHING)[key]
    year_ago = kg.get(periods.year_before(period, grain), NOTHING)[key]
    return FlowRow(
        period=period,
        key=key,
        net_kg=here,
        facts=facts[period][key],
        share=round(here / total, 4) if total else None,
        before_kg=before,
        growth=periods.growth(here, before),
        year_ago_kg=year_ago,
        growth_year=periods.growth(here, year_ago),
    )


def _recovery(period: date, streams: Counter[str]) -> Recovery:
    rules = rulebooks.RECOVERY_RULES.on(period)
    household = sum(streams[stream] for stream in rules.household)
    recovered = sum(streams[stream] for stream in rules.recovered)
    rate = round(recovered / household, 4) if household else None
    return Recovery(period=period, household_kg=household, recovered_kg=recovered, rate=rate)


# --- quotas -----------------------------------------------------------------------------------------------------


async def set_quota(session: AsyncSession, district_id: str, body: QuotaBody, today: date) -> QuotaAnswer:
    quota = Quota(
        month=body.month.replace(day=1),
        district_id=district_id,
        stream=body.stream,
        quota_kg=body.quota_kg,
        source=body.source,
        changed_at=now(),
    )
    await quotas.save(session, quota)
    [answer] = await of_month(
        session, Scope(district_ids=frozenset({district_id})), body.month, today, body.stream.value, exactly=district_id
    )
    return answer


async def of_month(
    session: AsyncSession, scope: Scope, month: date, today: date, stream: str | None = None, exactly: str | None = None
) -> Sequence[QuotaAnswer]:
    """What districts may send to the weighbridges this month, have sent, and will have sent when it ends."""
    first = month.replace(day=1)
    after = periods.following(first, "month")
    since = min(first, today - timedelta(days=28))
    until = max(after, today)
    answers = []
    for quota in await quotas.of_month(session, scope, first, stream, exactly):
        district = Scope(district_ids=frozenset({quota.district_id}))
        sums = await store.by_period(session, district, store.DAY, [(since, until)], TIPPED, "stream")
        by_day = {each.period: each.net_kg for each in sums if each.key == quota.stream}
        answers.append(_quota_answer(quota, by_day, first, after, today))
    return answers


def _quota_answer(quota: Quota, by_day: Mapping[date, int], first: date, after: date, today: date) -> QuotaAnswer:
    weighed = sum(kg for day, kg in by_day.items() if first <= day < after)
    expected = max(weighed, periods.expected_kg(by_day, first, after, today))
    allowed = quota.quota_kg
    return QuotaAnswer.describing(
        quota,
        weighed_kg=weighed,
        expected_kg=expected,
        used=round(weighed / allowed, 4) if allowed else None,
        expected=round(expected / allowed, 4) if allowed else None,
        exceeds=expected > allowed,
    )
