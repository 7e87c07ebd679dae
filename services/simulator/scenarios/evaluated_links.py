"""From a figure down to what was seen: every link of a statement and of an index is asked for, and leads somewhere."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Protocol

from services.simulator.devices.fleet import City
from services.simulator.scenarios.rehearsal import Check
from shared.client import ApiError


class Desk(City, Protocol):
    """shared.client.ApiClient, which can also ask with another account's token."""

    async def get(self, path: str, params: dict[str, Any] | None = None, *, token: str | None = None) -> Any: ...


async def follow_statement(city: Desk, token: str, contract_id: str, month: str, at: str) -> list[Check]:
    """Line by line: the deduction, its evidence, and what that rests on."""
    statement = await city.get(f"/v1/contracts/{contract_id}/statements/{month}", token=token)
    checks = []
    for line in statement["lines"]:
        deduction = await city.get(line["href"], token=token)
        same = {name: line[name] for name in ("rule", "points_e2", "fen", "evidence")}
        checks.append(Check("link", line["href"], at, same, {name: deduction[name] for name in same}))
        checks += [await _leads(city, token, one["href"], at, one["id"]) for one in line["evidence"]]
    return checks


async def follow_index(city: Desk, token: str, area_id: str, period: str, at: str) -> list[Check]:
    """The observations add up to the figure's sums, and each leads to the fact behind it."""
    level = "district" if len(area_id) == 6 else "subdistrict"  # noqa: PLR2004 - digits of a district
    seen: dict[str, list[int]] = defaultdict(list)
    checks: list[Check] = []
    cursor, row = None, None
    while row is None or cursor:
        asked = {"level": level, "limit": 20} | ({"cursor": cursor} if cursor else {})
        page = await city.get(f"/v1/cleanliness-index/{period}/areas/{area_id}", asked, token=token)
        row, cursor = page["row"], page["next_cursor"]
        for observation in page["observations"]:
            seen[observation["kind"]].append(observation["value_e4"])
            source = await city.get(f"/v1/observations/{observation['observation_id']}", token=token)
            checks.append(await _leads(city, token, source["href"], at, source["fact"].split(":", 1)[1]))
    sums = {kind: [len(values), sum(values), sum(value**2 for value in values)] for kind, values in seen.items()}
    return [*checks, Check("sums", f"of {area_id} are those of its observations", at, row["sums"], sums)]


async def _leads(city: Desk, token: str, href: str, at: str, to: str) -> Check:
    """The answer names what was looked for."""
    try:
        linked: Mapping[str, Any] = await city.get(href, token=token)
    except ApiError as problem:
        return Check("link", href, at, 200, problem.status)
    ids = [value for name, value in linked.items() if name.endswith("_id")]
    return Check("link", f"{href} is {to}", at, True, any(value is not None and to.startswith(str(value)) for value in ids))
