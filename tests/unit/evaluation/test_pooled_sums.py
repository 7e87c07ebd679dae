"""A district has what was seen in its subdistricts, and what was told of no subdistrict."""

from services.evaluation.domain.index import Sum
from services.evaluation.service.index import pooled

SEEN = {
    "310104": {"complaints": Sum(1, 0, 0)},
    "310104003": {"complaints": Sum(2, 0, 0), "site:road": Sum(3, 30, 300)},
    "310104007": {"site:road": Sum(1, 5, 25)},
    "310105001": {"site:road": Sum(9, 9, 9)},
}


def test_a_district_adds_up_what_lies_within_it() -> None:
    assert pooled(SEEN, {"310104": {}}) == {"310104": {"complaints": Sum(3, 0, 0), "site:road": Sum(4, 35, 325)}}


def test_a_subdistrict_has_its_own_only_and_an_area_without_anything_has_nothing() -> None:
    assert pooled(SEEN, {"310104003": {}, "310106001": {}}) == {"310104003": SEEN["310104003"], "310106001": {}}
