"""Stops that a file gives more than once, and stop ids that it gives to several places."""

from services.route.domain.cells import derived_id, is_id
from services.route.domain.timetable.drafts import Draft, Notes
from services.route.domain.timetable.limits import ImportLimits
from services.route.domain.timetable.service_days import may_meet


def without_repeats(stops: list[Draft], limits: ImportLimits, notes: Notes) -> list[Draft]:
    """One route's stops without the rows that say again, or contradict, what an earlier row of the route said.

    The same stop on other weekdays, or again later in the same run, is a stop of its own.
    """
    kept: list[Draft] = []
    earlier: dict[object, list[Draft]] = {}
    for stop in stops:
        key = ("section", stop.section_id) if stop.section_id else stop.stop_ref or (stop.seq, stop.name)
        if all(_is_new(stop, before, limits, notes) for before in earlier.get(key, [])):
            earlier.setdefault(key, []).append(stop)
            kept.append(stop)
    return kept


def _is_new(stop: Draft, before: Draft, limits: ImportLimits, notes: Notes) -> bool:
    if stop.metres_to(before) > limits.same_place_m:
        if stop.stop_ref is None:
            return True
        notes.reject_draft(stop, "duplicate_stop_id", f"in row {before.row} the stop id stands for another place")
        return False
    if not may_meet(stop, before):
        return True
    if stop.second == before.second:
        notes.reject_draft(stop, "duplicate_stop", f"the same stop, place and time as row {before.row}")
        return False
    if _windows_overlap(stop, before):
        notes.reject_draft(stop, "overlapping_window", f"the same stop has a window in row {before.row} that this one overlaps")
        return False
    if stop.section_id is None:  # a street is swept several times a day
        notes.warn(stop, "stop_repeated", f"the run comes here twice, see row {before.row}", "stop_id", "time")
    return True


def _windows_overlap(one: Draft, other: Draft) -> bool:
    begin_one, end_one, begin, end = (
        one.window_start_second,
        one.window_end_second,
        other.window_start_second,
        other.window_end_second,
    )
    if begin_one is None or end_one is None or begin is None or end is None:
        return False
    return begin_one < end and begin < end_one


def service_point_ids(stops: list[Draft], limits: ImportLimits, notes: Notes) -> dict[int, str]:
    """Row -> service point id: the file's stop id, unless routes use the same id for different places.

    Those are all real places, so they stay, each under `route.stop`.
    """
    by_ref: dict[str, list[Draft]] = {}
    for stop in stops:
        if stop.stop_ref is not None and stop.section_id is None:
            by_ref.setdefault(stop.stop_ref, []).append(stop)
    ids: dict[int, str] = {}
    for ref, same in by_ref.items():
        shared_place = all(stop.metres_to(same[0]) <= limits.same_place_m for stop in same)
        for stop in same:
            ids[stop.row] = ref if shared_place else qualified(stop.route_id, ref, limits)
            if not shared_place and stop is not same[0]:
                detail = f"another place than in row {same[0].row}; known here as {ids[stop.row]}"
                notes.warn(stop, "stop_id_reused", detail, "stop_id", "lon", "lat")
    return ids


def qualified(route_id: str, ref: str, limits: ImportLimits) -> str:
    name = f"{route_id}.{ref}"
    return name if is_id(name) and len(name) <= limits.code_max_length else derived_id(name)
