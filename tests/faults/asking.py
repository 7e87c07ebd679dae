"""Asking until there is an answer, as whoever depends on one does while things break."""

import asyncio
from typing import Any

import httpx

AWAY = {502, 503, 504}
PAUSE_SECONDS, PATIENCE_SECONDS = 0.3, 120


async def ask(http: httpx.AsyncClient, method: str, url: str, body: dict[str, Any]) -> Any:
    """The JSON of the first answer 200; asks again after a broken connection or a 502, 503 or 504. Others fail the test."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                answer = await http.request(method, url, json=body)
            except httpx.HTTPError:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if answer.status_code == httpx.codes.OK:
                return answer.json()
            assert answer.status_code in AWAY, answer.text
            await asyncio.sleep(PAUSE_SECONDS)
