"""What a service answers when a file as a whole cannot be taken: each with what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import Invalid
from shared.geo import datum_of
from shared.tables_in.decimals import AmbiguousNumbers
from shared.tables_in.table import UnreadableFile

LONGEST = 500


@contextmanager
def refused() -> Iterator[None]:
    """The readers' errors as problems: `unreadable_file`, `ambiguous_numbers`."""
    try:
        yield
    except UnreadableFile as error:
        raise Invalid(f"the file cannot be read: {error}"[:LONGEST], code="unreadable_file") from error
    except AmbiguousNumbers as error:
        raise Invalid(str(error)[:LONGEST], code="ambiguous_numbers") from error


def _datum_of_file(crs: str | None) -> str:
    """Of the coordinate system that a file names itself; WGS-84 (RFC 7946) if it names none."""
    try:
        return "WGS-84" if crs is None else datum_of(crs)
    except ValueError as error:
        raise Invalid(f"the file's own `crs` cannot be read: {error}", code="unknown_datum") from error


def agreed_datum(asked: str | None, crs: str | None) -> str:
    """As asked for, or as the file says. What contradicts itself is refused: one of the two is wrong."""
    own = _datum_of_file(crs) if crs is not None or asked is None else asked
    if asked is not None and asked != own and {asked, own} != {"WGS-84", "CGCS2000"}:
        raise Invalid(
            f"the file's own `crs` says {own}, the request {asked}: leave `datum` out, or mend the file", code="unknown_datum"
        )
    return asked or own
