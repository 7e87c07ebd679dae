"""`sanitation doctor`: what is wrong with this installation, and what to do about it."""

import sys
from collections.abc import AsyncIterator
from datetime import timedelta

from rich.console import Console

from services.cli.credentials import admin_token
from services.cli.processes import make_bus
from shared.client import ApiClient, ApiError
from shared.clock import city_day, now
from shared.db import Database
from shared.settings import SERVICES, Settings

Finding = tuple[bool, str, str]


async def diagnose(settings: Settings) -> int:
    """Print a line for each check; 0 when all is well."""
    console, wrong = Console(), 0
    async for ok, what, advice in _checks(settings):
        wrong += not ok
        console.print(f"[{'green]ok  ' if ok else 'red]FAIL'}[/] {what}" + ("" if ok else f"\n     → {advice}"))
    return 1 if wrong else 0


async def _checks(settings: Settings) -> AsyncIterator[Finding]:
    yield sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}", "install Python 3.11 or newer"
    keys = settings.signing_key.exists() and settings.verify_key.exists()
    yield keys, f"keys at {settings.signing_key.parent}", "start the system once, or set SANITATION_DATA_DIR to where its data is"
    if keys:
        private = settings.signing_key.stat().st_mode & 0o077 == 0
        yield private, "the signing key is readable by its owner only", f"chmod 600 {settings.signing_key}"
    for name in SERVICES:
        yield await _database(settings, name)
    yield await _balance(settings)
    if settings.bus_url is not None:
        yield await _broker(settings)
    if keys:
        yield await _city(settings)


async def _database(settings: Settings, name: str) -> Finding:
    database = Database(settings, name)
    try:
        from sqlalchemy import text

        async with database.read() as session:
            unsent = (await session.execute(text("SELECT count(*) FROM outbox WHERE sent_at IS NULL"))).scalar()
            dead = (await session.execute(text("SELECT count(*) FROM dead_letter WHERE state = 'dead'"))).scalar() or 0
    except Exception as error:
        return False, f"database of {name}: {type(error).__name__}", "is it running and migrated? `sanitation migrate`"
    finally:
        await database.close()
    return dead == 0, f"database of {name}: {unsent} events to send, {dead} dead letters", "`sanitation deadletters list`"


async def _balance(settings: Settings) -> Finding:
    """Yesterday's balance, worked out again from its facts."""
    from services.gateway.service.audit import audit_day

    database, yesterday = Database(settings, "gateway"), city_day(now()) - timedelta(days=1)
    try:
        async with database.read() as session:
            deviations = await audit_day(session, yesterday, settings.zone)
    except Exception as error:
        return False, f"balance of {yesterday}: {type(error).__name__}", "is the gateway's database running and migrated?"
    finally:
        await database.close()
    listed = "; ".join(f"{d.subject}: {d.booked_kg} kg booked, {d.facts_kg} kg in the facts" for d in deviations[:5])
    advice = "the gateway works it out anew tonight; if it stays, report it with the gateway's log"
    return not deviations, f"balance of {yesterday} equals its facts" if not deviations else listed, advice


async def _broker(settings: Settings) -> Finding:
    import asyncio

    bus = make_bus(settings)
    try:
        await asyncio.wait_for(bus.open(), 5)
        await bus.close()
    except TimeoutError:
        return False, "RabbitMQ does not answer", "is it running, and is SANITATION_BUS_URL right?"
    return True, "RabbitMQ answers", ""


async def _city(settings: Settings) -> Finding:
    url = settings.edge_url
    try:
        async with ApiClient(url, admin_token(settings), timeout_seconds=5) as client:
            city = await client.get("/v1/city")
    except ApiError as error:
        return False, f"{url}: {error}", "`make run` starts the system; SANITATION_GATEWAY_URL or PORT say where it is"
    stale = [name for name in ("fleet", "runs", "lifted", "alerts") if city[name]["stale"]]
    return (
        not stale,
        f"{url} shows the city" + (f"; stale: {', '.join(stale)}" if stale else ""),
        "is the service behind it running?",
    )
