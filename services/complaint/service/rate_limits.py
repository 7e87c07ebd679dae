"""How much one address may send, counted in the database, so that it is the same however many processes serve."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.encryption import ContactEncryption
from services.complaint.store import people
from shared.clock import now
from shared.errors import TooMany

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def count_report(session: AsyncSession, encryption: ContactEncryption, address: str) -> int:
    """Seconds to wait, 0 when it may be taken. What is refused counts as well. Only a digest of the address is kept."""
    at, rules, sender = now(), rulebooks.INTAKE_RULES.at(now()), encryption.digest(address)
    minute = at.replace(second=0, microsecond=0)
    await people.count_report(session, sender, minute)
    if await people.reports_since(session, sender, minute) > rules.per_address_minute:
        return 60 - at.second
    if await people.reports_since(session, sender, minute - DAY + MINUTE) > rules.per_address_day:
        return 3600
    return 0


def require_room(wait_seconds: int) -> None:
    if wait_seconds:
        raise TooMany("too many reports from this address; send again later", wait_seconds)
