"""A plant's data logger: sends its reports over TCP (HJ 212) and forgets only those that were answered."""

import asyncio
import logging
from collections.abc import Sequence

from services.simulator.devices.furnace import Report
from services.simulator.devices.hj212 import answered_qns

FRAMES_AT_ONCE = 100
ANSWER_SECONDS = 30.0
READ_BYTES = 1 << 16

log = logging.getLogger(__name__)


class DataLogger:
    """`aboard`: reports without an answer, oldest first. `twice`: every frame is sent again, as by one that lost the answer."""

    def __init__(self, host: str, port: int, *, twice: bool = False) -> None:
        self.aboard: list[Report] = []
        self._host, self._port, self._copies = host, port, 2 if twice else 1

    def note(self, reports: Sequence[Report]) -> None:
        self.aboard += reports

    async def flush(self) -> None:
        """Tries once; what is not answered stays aboard for the next time."""
        if not self.aboard:
            return
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            log.warning("no connection for %d reports: %s", len(self.aboard), error)
            return
        try:
            for first in range(0, len(waiting := self.aboard), FRAMES_AT_ONCE):
                some = waiting[first : first + FRAMES_AT_ONCE]
                answered = await asyncio.wait_for(self._tell(some, reader, writer), ANSWER_SECONDS)
                self.aboard = [report for report in self.aboard if report.qn not in answered]
        except (OSError, TimeoutError) as error:
            log.warning("%d reports are not answered: %r", len(self.aboard), error)
        finally:
            writer.close()

    async def _tell(self, some: Sequence[Report], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> set[str]:
        """The QNs that were answered: all of `some`, unless the other side hangs up."""
        writer.write(b"".join(report.frame for report in some) * self._copies)
        await writer.drain()
        wanted, received = {report.qn for report in some}, b""
        answered: set[str] = set()
        while not wanted <= answered:
            chunk = await reader.read(READ_BYTES)
            if not chunk:
                break
            received += chunk
            answered = set(answered_qns(received))
        return answered
