"""Sends a file as it is: the service reads it, whatever it was saved as."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.cli.connect import with_city
from shared.client import ApiClient
from shared.settings import Settings


def send(path: str, file: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    content = file.read_bytes()

    async def post(city: ApiClient) -> dict[str, Any]:
        report: dict[str, Any] = await city.post_file(path, content, query_of(options))
        return report

    return with_city(Settings(), post)


def query_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Dictionaries as FIELD=VALUE, once for each."""
    listed = {name: [f"{key}={one}" for key, one in value.items()] for name, value in options.items() if isinstance(value, dict)}
    return {**options, **listed}
