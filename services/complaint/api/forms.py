"""Reads the form of a report: fields and one file, bounded while they are read and never on the event loop."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from shared.errors import BadRequest, TooLarge

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_FIELDS = 200
LONGEST_FIELD_BYTES = 20_000
LONGEST_HEADERS_BYTES = 4_000
PIECE_BYTES = 64 << 10
FILE = "media"

Admit = Callable[[str | None], object]
"""Is given `api_key` as soon as it is read, and at the latest before a file is; raises when it does not let the sender in."""


@dataclass(slots=True)
class Form:
    fields: dict[str, str] = field(default_factory=dict)
    media: bytes | None = None


async def read_form(content_type: str, body: bytes, admit: Admit) -> Form:
    """A form as GeoReport v2 has it, each field once; a BadRequest when it is none. `admit` is asked before a file is read."""
    kind, options = parse_options_header(content_type)
    if kind == b"multipart/form-data":
        return await asyncio.to_thread(_multipart, options, body, admit)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise BadRequest("the body is no form (application/x-www-form-urlencoded, UTF-8)") from error
    form = Form(dict(pairs))
    admit(form.fields.get("api_key"))
    return form


def _multipart(options: Mapping[bytes, bytes], body: bytes, admit: Admit) -> Form:
    reader = _Reader(admit)
    try:
        parser = MultipartParser(options.get(b"boundary", b""), reader.callbacks())
        for start in range(0, len(body), PIECE_BYTES):
            parser.write(body[start : start + PIECE_BYTES])
        parser.finalize()
    except (FormParserError, UnicodeDecodeError, ValueError) as error:
        raise BadRequest("the body is no form (multipart/form-data, UTF-8)") from error
    reader.require_whole()
    return reader.form


class _Reader:
    """Follows the parser from part to part."""

    def __init__(self, admit: Admit) -> None:
        self.form = Form()
        self._admit = admit
        self._admitted = self._ended = False
        self._parts = 0
        self._name: str | None = None
        self._header, self._headers_bytes = [b"", b""], 0
        self._disposition = b""
        self._content = bytearray()

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._more_header(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._more_header(1, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": lambda data, start, end: self._more_content(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._end_form,
        }

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_FIELDS:
            raise BadRequest(f"a form has at most {MOST_FIELDS} fields")
        self._disposition, self._headers_bytes, self._content = b"", 0, bytearray()

    def _more_header(self, part: int, data: bytes) -> None:
        self._headers_bytes += len(data)
        if self._headers_bytes > LONGEST_HEADERS_BYTES:
            raise BadRequest(f"the headers of a part have at most {LONGEST_HEADERS_BYTES} bytes")
        self._header[part] += data

    def _end_header(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _begin_content(self) -> None:
        name = parse_options_header(self._disposition)[1].get(b"name")
        self._name = name.decode() if name is not None else None
        if self._name == FILE:
            self._ask()

    def _more_content(self, data: bytes) -> None:
        if self._name != FILE and len(self._content) + len(data) > LONGEST_FIELD_BYTES:
            raise TooLarge(f"a field of the form has at most {LONGEST_FIELD_BYTES} bytes")
        self._content += data

    def _end(self) -> None:
        if self._name == FILE:
            self.form.media = bytes(self._content)
        elif self._name is not None:
            self.form.fields[self._name] = self._content.decode()

    def _end_form(self) -> None:
        self._ended = True

    def _ask(self) -> None:
        if not self._admitted:
            self._admit(self.form.fields.get("api_key"))
            self._admitted = True

    def require_whole(self) -> None:
        if not self._ended:
            raise BadRequest("the form is cut off: its last boundary is missing")
        self._ask()
