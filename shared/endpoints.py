"""What the endpoints of every service share: ids in paths and queries, cursors, files to download."""

from typing import Annotated

from fastapi import Path, Query, Response

from shared.bodies import ID_PATTERN
from shared.spreadsheet import File

IdInPath = Annotated[str, Path(pattern=ID_PATTERN)]
IdInQuery = Annotated[str | None, Query(pattern=ID_PATTERN)]
Cursor = Annotated[str | None, Query(max_length=500)]
"""`next` of the page before; its content is the server's own."""


def download(file: File) -> Response:
    return Response(file.content, media_type=file.media_type, headers={"Content-Disposition": file.disposition})
