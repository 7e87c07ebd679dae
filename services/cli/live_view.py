"""`sanitation watch`: the citywide view in a terminal, from the same live stream that consoles use."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from services.cli.credentials import issue_token
from shared.clock import monotonic
from shared.settings import Settings
from shared.vocabulary import Role


async def watch_city(settings: Settings, token: str, seconds: float) -> None:
    """Redraw at every event of the stream; after a lost connection go on from the last one."""
    bearer = token or issue_token(settings, Role.DISPATCHER, timedelta(hours=12))
    url, until = settings.edge_url, monotonic() + seconds if seconds else None
    last_id = ""
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {bearer}"}, timeout=30) as client:
        with Live(Text("waiting for the city …"), console=Console(), refresh_per_second=4) as live:
            while until is None or monotonic() < until:
                headers = {"Last-Event-ID": last_id} if last_id else {}
                try:
                    async with client.stream("GET", "/v1/city/live", headers=headers) as answer:
                        if answer.status_code != httpx.codes.OK:
                            typer.echo(f"{url} answered {answer.status_code}: sign in with a dispatcher's token", err=True)
                            raise typer.Exit(1)
                        async for line in answer.aiter_lines():
                            last_id = line.removeprefix("id: ") if line.startswith("id: ") else last_id
                            if line.startswith("data: "):
                                live.update(picture(json.loads(line.removeprefix("data: "))["city"]))
                            if until is not None and monotonic() > until:
                                return
                except httpx.HTTPError as error:
                    live.update(Text(f"{url}: {type(error).__name__}; trying again", style="yellow"))


def picture(city: dict[str, Any]) -> Group:
    zone = ZoneInfo(city["timezone"])
    labels = {value: f"{words['zh']} {words['en']}" for value, words in city["labels"].items()}
    at = datetime.fromisoformat(city["at"]).astimezone(zone)
    return Group(
        Text(f"{at:%Y-%m-%d %H:%M:%S} {city['timezone']}", style="bold"),
        _table("fleet", city["fleet"], {labels.get(k, k): v for k, v in sorted(city["fleet"]["by_status"].items())}, zone),
        _table(
            "stops",
            city["runs"],
            {k: city["runs"]["stops"][k] for k in ("total", "done", "due", "missed", "unknown", "upcoming")},
            zone,
        ),
        _table("kg", city["lifted"], {labels.get(g["key"], g["key"]): g["net_kg"] for g in city["lifted"]["by_stream"]}, zone),
        _table("alerts", city["alerts"], city["alerts"]["by_kind"] or {"open": 0}, zone),
    )


def _table(title: str, part: dict[str, Any], cells: dict[str, Any], zone: ZoneInfo) -> Table:
    as_of = datetime.fromisoformat(part["as_of"]).astimezone(zone).strftime("%H:%M:%S") if part["as_of"] else "never"
    style = "yellow" if part["stale"] else "green"
    table = Table(title=Text(f"{title} · as of {as_of}{' · STALE' if part['stale'] else ''}", style=style), title_justify="left")
    for name in cells:
        table.add_column(name, justify="right", min_width=8)
    table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in cells.values()))
    return table
