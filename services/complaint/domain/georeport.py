"""Open311 GeoReport v2: what its filters mean, and its answers as XML.

http://wiki.open311.org/GeoReport_v2; what it leaves open is as the servers in use do it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from xml.etree import ElementTree as ET

SPAN = timedelta(days=90)
MOST, PAGE = 1000, 100
ITEM_OF = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "discovery": "discovery",
    "notes": "note",
    "media_urls": "media_url",
}
"""What the members of a list are called."""


def moment(text: str, zone: tzinfo) -> datetime:
    """W3C date and time; a day alone is its first moment in the city. ValueError for anything else."""
    at = datetime.fromisoformat(text.strip().replace(" ", "+"))
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    return at.astimezone(UTC)


def codes(text: str | None) -> list[str]:
    """A comma-separated list, each once."""
    return sorted({part.strip() for part in (text or "").split(",") if part.strip()})


def statuses(text: str | None) -> bool | None:
    """True: open ones; False: closed ones; None: all. ValueError for another word."""
    wanted = set(codes(text))
    if wanted - {"open", "closed"}:
        raise ValueError("status is open or closed")
    return None if len(wanted) != 1 else wanted == {"open"}


def as_xml(root: str, data: Any) -> bytes:
    """A list becomes elements named by ITEM_OF within `root`, a mapping an element of its own."""
    element = ET.Element(root)
    _fill(element, root, data)
    text: str = ET.tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()


def _fill(element: ET.Element, name: str, data: Any) -> None:
    if isinstance(data, Mapping):
        for key, value in data.items():
            _fill(ET.SubElement(element, key), key, value)
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for item in data:
            _fill(ET.SubElement(element, ITEM_OF.get(name, "item")), name, item)
    elif data is not None:
        element.text = ("true" if data else "false") if isinstance(data, bool) else str(data)
