"""What a request may say about the file it brings."""

from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from shared.bodies import Body, Name

Content = str | list[Any] | dict[str, Any] | SkipJsonSchema[bytes]
"""A file's text, the values of a JSON file, or the bytes that came as they were."""
Encoding = Literal["utf-8", "gb18030", "gbk", "big5", "utf-16", "cp1252", "latin-1"]


class FileOptions(Body):
    """`encoding`: for when it is told wrong."""

    encoding: Encoding | None = None


class TableOptions(FileOptions):
    """`decimal_mark`: what stands before decimals in this file, where it does not tell itself; numbers that can be read in two
    ways are not guessed. `sheet`: of a workbook, by name; else its first that is not empty."""

    decimal_mark: Literal[".", ","] | None = None
    sheet: Annotated[Name, Field(max_length=100)] | None = None


class FileImport(FileOptions):
    """`content`: the text of a file, or the value that a JSON file holds. Send a file that is no text (XLSX, XLS, ODS, gzip)
    as the body itself, and all else as query parameters."""

    content: Content


class TableImport(TableOptions, FileImport):
    """A table in any of the formats that `shared.tables_in` reads."""
