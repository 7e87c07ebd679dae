"""Mutants that change nothing anybody could see, each with the reason; they are not counted.

By file, function, the line's text and the change, so that an entry stays true when lines move. `make mutants` names an entry
that a test kills after all; `test_mutants.py` one whose mutant is no more.
"""

EQUIVALENT: dict[tuple[str, str, str, str], str] = {
    (
        "services/vehicle/domain/motion.py",
        "_after_silence",
        "if last.ignition is not False or flat_m(last.lon, last.lat, fix.lon, fix.lat) > limits.offline_moved_m:",
        "> → >= in flat_m(last.lon, last.lat, fix.lon, fix.lat) > limits.offline_moved_m",
    ): "a distance on the sphere is never exactly the limit",
    (
        "services/vehicle/domain/motion.py",
        "_idle",
        "if still and anchor is not None and flat_m(anchor.lon, anchor.lat, fix.lon, fix.lat) <= limits.idle_radius_m:",
        "<= → < in flat_m(anchor.lon, anchor.lat, fix.lon, fix.lat) <= limits.idle_radiu…",
    ): "a distance on the sphere is never exactly the limit",
}
