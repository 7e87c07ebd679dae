"""Dead letters of every service: list, show, replay."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select, update

from shared.db import Database
from shared.dead_letters import DeadLetter
from shared.settings import SERVICES, Settings

app = typer.Typer(no_args_is_help=True)
Service = Annotated[str, typer.Option(help="only this service")]


@app.command("list")
def list_letters(
    service: Service = "", as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False
) -> None:
    """What could not be taken, oldest first."""
    letters = asyncio.run(_letters(service))
    if as_json:
        for letter in letters:
            typer.echo(json.dumps(letter.model_dump(mode="json", exclude={"body"}), ensure_ascii=False))
        return
    table = Table("id", "consumer", "type", "handler", "attempts", "died at", "state", "reason")
    for letter in letters:
        row = (
            letter.id,
            letter.consumer,
            letter.type,
            letter.handler,
            letter.attempts,
            letter.died_at,
            letter.state,
            letter.reason,
        )
        table.add_row(*map(str, row))
    Console().print(table if letters else "no dead letters")


@app.command()
def show(letter_id: str) -> None:
    """One dead letter with the whole message."""
    letters = [letter for letter in asyncio.run(_letters("")) if letter.id == letter_id]
    if not letters:
        raise typer.BadParameter(f"no dead letter {letter_id}")
    typer.echo(json.dumps(letters[0].model_dump(mode="json"), ensure_ascii=False, indent=2))


@app.command()
def replay(letter_id: Annotated[str, typer.Argument(help="an id, or `all`")], service: Service = "") -> None:
    """Have the service handle a message again; it does so within seconds."""
    count = asyncio.run(_ask_replay(letter_id, service))
    typer.echo(f"{count} asked to be replayed; `sanitation deadletters list` shows what became of them")
    raise typer.Exit(0 if count else 1)


async def _letters(service: str) -> list[DeadLetter]:
    letters: list[DeadLetter] = []
    for name in [service] if service else SERVICES:
        database = Database(Settings(), name)
        async with database.read() as session:
            letters += (await session.execute(select(DeadLetter).order_by(DeadLetter.died_at, DeadLetter.id))).scalars()  # type: ignore[arg-type]
        await database.close()
    return letters


async def _ask_replay(letter_id: str, service: str) -> int:
    count = 0
    for name in [service] if service else SERVICES:
        database = Database(Settings(), name)
        table = DeadLetter.__table__  # type: ignore[attr-defined]
        asked = update(DeadLetter).where(table.c.state == "dead").values(state="replay").returning(table.c.id)
        async with database.transaction() as session:
            rows = await session.execute(asked if letter_id == "all" else asked.where(table.c.id == letter_id))
            count += len(rows.all())
        await database.close()
    return count
