"""What becomes of each feature of a file of streets."""

from typing import Any

import pytest

from services.route.domain.coverage.sections import read_sections
from services.route.rulebooks import SWEEPING_RULES

RULES = SWEEPING_RULES.versions[-1]


def street(number: int, line: list[Any], **more: Any) -> dict[str, Any]:
    properties = {"section_id": f"S{number}", "name": "x", "road_level": 2} | more
    return {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": line}}


def read(*features: Any) -> tuple[list[str], list[tuple[int, str]]]:
    sections, rejected = read_sections(features, {}, {}, "WGS-84", RULES)
    return [section.section_id for section in sections], [(finding.row, finding.code) for finding in rejected]


def test_streets_of_another_part_of_the_world_with_lon_and_lat_swapped_are_named() -> None:
    assert read(street(1, [[40.71, -74.05], [40.711, -74.05]])) == ([], [(1, "lon_lat_swapped")])
    assert read(street(1, [[31.2, 121.4], [31.201, 121.4]])) == ([], [(1, "lon_lat_swapped")])


def test_a_street_that_fits_the_others_only_the_other_way_round_is_named() -> None:
    right = [street(n, [[76.0 + n / 1000, 39.5], [76.0 + n / 1000, 39.501]]) for n in range(4)]
    assert read(*right, street(9, [[39.5, 76.0], [39.501, 76.0]])) == (["S0", "S1", "S2", "S3"], [(5, "lon_lat_swapped")])


@pytest.mark.parametrize("height", [[], [4.5]])
def test_a_street_of_a_few_metres_is_a_street(height: list[float]) -> None:
    assert read(street(1, [[121.4, 31.2, *height], [121.4, 31.2001, *height]])) == (["S1"], [])
    assert read(street(1, [[121.4, 31.2], [121.4, 31.200001]])) == ([], [(1, "too_short")])
