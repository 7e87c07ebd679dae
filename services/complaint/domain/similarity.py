"""Which complaints may be one: near in place and time, of one group, with much the same words."""

from math import floor

CELL_DEGREES = 0.005
COLUMNS = 100_000


def cell_of(lon: float, lat: float) -> int:
    """The grid cell of about 500 m that a place lies in."""
    return floor(lat / CELL_DEGREES) * COLUMNS + floor(lon / CELL_DEGREES)


def centre_of(cell: int) -> tuple[float, float]:
    """lon, lat of a cell's middle."""
    row, column = divmod(cell + COLUMNS // 2, COLUMNS)
    column -= COLUMNS // 2
    return round((column + 0.5) * CELL_DEGREES, 6), round((row + 0.5) * CELL_DEGREES, 6)


def cells_in(west: float, south: float, east: float, north: float) -> list[int]:
    rows = range(floor(south / CELL_DEGREES), floor(north / CELL_DEGREES) + 1)
    columns = range(floor(west / CELL_DEGREES), floor(east / CELL_DEGREES) + 1)
    return [row * COLUMNS + column for row in rows for column in columns]


def cell_count(west: float, south: float, east: float, north: float) -> int:
    rows = floor(north / CELL_DEGREES) - floor(south / CELL_DEGREES) + 1
    return rows * (floor(east / CELL_DEGREES) - floor(west / CELL_DEGREES) + 1)


def grams(text: str) -> list[str]:
    """Pairs of neighbouring letters, which need no knowledge of where a Chinese word ends; sorted, each once."""
    letters = "".join(character for character in text.casefold() if character.isalnum())
    return sorted({letters[i : i + 2] for i in range(len(letters) - 1)})


def similarity(one: str, other: str) -> float:
    """Shared pairs of all pairs, 0 to 1."""
    a, b = set(grams(one)), set(grams(other))
    return len(a & b) / len(a | b) if a and b else 0.0


def score(metres: float, most_metres: float, hours: float, most_hours: float, same_category: bool, alike: float) -> float:
    """0 to 1: near, soon after, of the same category and in the same words."""
    near = max(0.0, 1 - metres / most_metres)
    soon = max(0.0, 1 - hours / most_hours)
    return round(0.35 * near + 0.15 * soon + (0.2 if same_category else 0.0) + 0.3 * alike, 3)
