"""A load generator that costs little itself: prepared requests over a few kept connections, bounded in count."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from shared.auth import TokenSigner
from shared.vocabulary import Role


@dataclass(frozen=True)
class Run:
    requests: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


async def send_all(url: str, requests: Sequence[bytes], connections: int = 16) -> Run:
    """Send every request once, each connection one at a time; anything but a 200 is an error."""
    address = urlsplit(url)
    started = time.perf_counter()
    shares = [requests[n::connections] for n in range(connections)]
    await asyncio.gather(*(_send(address.hostname or "", address.port or 80, share) for share in shares))
    return Run(len(requests), time.perf_counter() - started)


async def _send(host: str, port: int, requests: Sequence[bytes]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        for request in requests:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            start = head.lower().index(b"content-length:") + 15
            body = await reader.readexactly(int(head[start : head.index(b"\r\n", start)]))
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{head[:40]!r} {body[:300]!r}")
    finally:
        writer.close()


def telemetry_requests(signer: TokenSigner, path: str, vehicles: int, batches: int, positions: int, prefix: str) -> list[bytes]:
    """`batches` requests of each vehicle with `positions` each, a second apart, the vehicles interleaved."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=batches * positions)
    tokens = [signer.issue(Role.DEVICE, timedelta(hours=1), vehicle_ids=[f"{prefix}{n}"])[0] for n in range(vehicles)]
    made = []
    for batch in range(batches):
        for number, token in enumerate(tokens):
            records = [
                {
                    "kind": "position",
                    "at": (began + timedelta(seconds=batch * positions + n)).isoformat(),
                    "lon": 121.4 + n * 1e-4,
                    "lat": 31.1 + number * 1e-5,
                    "speed_kmh": 31.5,
                    "heading_deg": 90.0,
                    "ignition": True,
                    "satellites": 11,
                }
                for n in range(positions)
            ]
            body = json.dumps({"vehicle_id": f"{prefix}{number}", "records": records}).encode()
            head = (
                f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            made.append(head.encode() + body)
    return made
