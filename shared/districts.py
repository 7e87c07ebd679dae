"""Division codes: a 9-digit subdistrict lies within its 6-digit district (GB/T 2260, GB/T 10114)."""

from collections.abc import Collection

DISTRICT_DIGITS = 6


def within(district_id: str | None, districts: Collection[str]) -> bool:
    """Whether it is one of these, or lies within one."""
    return district_id is not None and any(
        district_id == part or (len(part) == DISTRICT_DIGITS and district_id.startswith(part)) for part in districts
    )
