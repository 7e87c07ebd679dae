"""Longitude and latitude as a file gives them."""

from shared.tables_in.cells import BadCell

MOST_LON, MOST_LAT = 180, 90
SOUTHMOST, NORTHMOST = -56, 79
"""Degrees of latitude between which people live in towns: Puerto Williams to Longyearbyen."""


def coordinates_of(lon: float, lat: float) -> tuple[float, float]:
    """(lon, lat) in degrees as written, whatever their datum. Raises BadCell for what can be no place at all."""
    if lon == 0 and lat == 0:
        raise BadCell("zero_coordinate", "longitude and latitude are both 0")
    if lon == lat:
        raise BadCell("lat_equals_lon", "latitude and longitude are the same number")
    if MOST_LAT < abs(lat) <= MOST_LON and abs(lon) <= MOST_LAT:
        raise BadCell("lon_lat_swapped", f"latitude {lat:g} is a longitude: the two are swapped")
    if not SOUTHMOST <= lat <= NORTHMOST and SOUTHMOST <= lon <= NORTHMOST:
        raise BadCell("lon_lat_swapped", f"nobody lives at latitude {lat:g}, but at {lon:g}: the two are swapped")
    if abs(lon) > MOST_LON or abs(lat) > MOST_LAT:
        raise BadCell("coordinate_out_of_range", "not degrees of longitude (-180..180) and latitude (-90..90)")
    return lon, lat
