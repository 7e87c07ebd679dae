"""The registry's revisions, which entry was in force, which report a photo is of, and which geofence is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.vehicle.domain.geofences import Geofence, box_of, polygon_of
from services.vehicle.domain.reports import PhotoSubject, ReportCode, ReportPlace, require_room
from services.vehicle.domain.vehicles import Registration, Vehicle, entry_at
from shared.domain_errors import Conflict, Invalid, NotFound
from shared.vocabulary import VehicleKind, WasteStream

TWO = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REGISTRATION = Registration(
    vehicle_id="T-1",
    plate="沪A12345",
    kind=VehicleKind.COMPACTOR,
    waste_streams=(WasteStream.FOOD,),
    tare_kg=8_000,
    capacity_kg=6_000,
    contractor_id="C-1",
    district_id="310104",
    onboard_unit_id=None,
)
VEHICLE = Vehicle.of(REGISTRATION, TWO)


def test_the_first_registration_is_revision_1() -> None:
    assert Vehicle.of(REGISTRATION, TWO).revision == 1
    assert (VEHICLE.revision, VEHICLE.registered_at, VEHICLE.plate) == (1, TWO, "沪A12345")


def test_the_same_registration_again_changes_nothing() -> None:
    assert VEHICLE.registered_as(REGISTRATION, TWO + DAY) is VEHICLE


def test_another_registration_is_the_next_revision() -> None:
    other = VEHICLE.registered_as(replace(REGISTRATION, contractor_id="C-2"), TWO + DAY)
    assert (other.revision, other.registered_at, other.contractor_id) == (2, TWO + DAY, "C-2")
    assert other.registered_as(replace(REGISTRATION, contractor_id="C-2", waste_streams=()), TWO).revision == 3


def test_an_entry_holds_from_its_registration_on() -> None:
    first = VEHICLE.entry
    second = VEHICLE.registered_as(replace(REGISTRATION, contractor_id="C-2"), TWO + DAY).entry
    assert entry_at([second, first], TWO) == first
    assert entry_at([first, second], TWO + DAY) == second
    assert entry_at([first, second], TWO - DAY) == first
    assert entry_at([], TWO) is None


# --- photos -----------------------------------------------------------------------------------------------------

AT_GATE = ReportPlace(report_id="R-1", stop_id="S-1", service_point_id=None)
AT_YARD = ReportPlace(report_id="R-2", stop_id="S-2", service_point_id="P-2")
PHOTO = PhotoSubject("T-1", TWO, ReportCode.BLOCKED)


def test_a_photo_belongs_to_the_only_report_that_fits() -> None:
    assert PHOTO.among([]) is None
    assert PHOTO.among([AT_GATE]) == AT_GATE
    assert replace(PHOTO, stop_id="S-2").among([AT_GATE, AT_YARD]) == AT_YARD
    assert replace(PHOTO, service_point_id="P-2").among([AT_GATE, AT_YARD]) == AT_YARD
    assert replace(PHOTO, report_id="R-1").among([AT_GATE, AT_YARD]) == AT_GATE
    assert replace(PHOTO, stop_id="S-3").among([AT_GATE]) is None


def test_a_photo_that_fits_several_reports_is_refused() -> None:
    with pytest.raises(Conflict) as refused:
        PHOTO.among([AT_GATE, AT_YARD])
    assert refused.value.code == "which_report"


def test_a_photo_of_a_report_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFound):
        replace(PHOTO, report_id="R-3").among([AT_GATE])


def test_a_report_has_five_photos_at_most() -> None:
    photos = ["1", "2", "3", "4"]
    require_room("5", photos)
    require_room("1", [*photos, "5"])
    with pytest.raises(Conflict, match="at most 5 photos"):
        require_room("6", [*photos, "5"])


# --- geofences --------------------------------------------------------------------------------------------------

SQUARE = [[121.40, 31.20], [121.42, 31.20], [121.42, 31.22], [121.40, 31.22], [121.40, 31.20]]
FENCE = Geofence(
    fence_id="F-1",
    name_zh="站",
    name_en="Site",
    rule="inside",
    polygon=polygon_of([SQUARE]),
    district_id=None,
    valid_from=TWO,
    valid_to=None,
)


def test_a_sound_geofence_passes() -> None:
    FENCE.require_sound()
    replace(FENCE, polygon=polygon_of([[[-180, -90], [180, -90], [180, 90], [-180, -90]]])).require_sound()
    replace(FENCE, valid_to=TWO + DAY).require_sound()


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        (replace(FENCE, polygon=polygon_of([SQUARE[:-1]])), "must end where it begins"),
        (replace(FENCE, polygon=polygon_of([[[180.5, 31], [121, 31], [121, 30], [180.5, 31]]])), "in degrees"),
        (replace(FENCE, polygon=polygon_of([[[-180.5, 31], [121, 31], [121, 30], [-180.5, 31]]])), "in degrees"),
        (replace(FENCE, polygon=polygon_of([[[121, 90.5], [121, 31], [120, 31], [121, 90.5]]])), "in degrees"),
        (replace(FENCE, polygon=polygon_of([[[121, -90.5], [121, 31], [120, 31], [121, -90.5]]])), "in degrees"),
        (replace(FENCE, valid_to=TWO), "must lie after valid_from"),
    ],
)
def test_a_geofence_that_is_none_is_refused(wrong: Geofence, detail: str) -> None:
    with pytest.raises(Invalid, match=detail):
        wrong.require_sound()


def test_a_ring_lies_in_its_box() -> None:
    assert polygon_of([[[1.0, 2.0], [3.0, 4.0]]]) == (((1.0, 2.0), (3.0, 4.0)),)
    assert box_of(SQUARE) == (121.40, 31.20, 121.42, 31.22)
