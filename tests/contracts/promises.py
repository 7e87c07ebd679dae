"""What is made from the code: OpenAPI of each service, JSON schema of each event, AsyncAPI, the pages of the services."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import service_pages
from fastapi import FastAPI

from shared.asyncapi import asyncapi
from shared.auth import make_keys
from shared.events.base import Event
from shared.local_bus import LocalBus
from shared.settings import SERVICES, Settings

HOME = Path(__file__).parent
ASYNCAPI = "../../services/gateway/data/asyncapi.json"
"""The gateway serves it, and no service knows by itself who listens to the others."""


@contextmanager
def apps() -> Iterator[dict[str, FastAPI]]:
    """Every service, built and not started."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        make_keys(settings.signing_key, settings.verify_key)
        yield {name: import_module(f"services.{name}.app").create_app(settings, LocalBus()) for name in SERVICES}


@cache
def consumed() -> dict[str, frozenset[str]]:
    """The event types that each service takes."""
    with apps() as built:
        return {name: frozenset(app.state.service.consumers.handlers) for name, app in built.items()}


@cache
def events() -> dict[str, type[Event]]:
    for path in sorted((HOME.parents[1] / "shared" / "events").glob("[!_]*.py")):
        import_module(f"shared.events.{path.stem}")
    return {name: event for name, event in Event.registry.items() if event.__module__.startswith("shared.events.")}


def event_schema(event: type[Event]) -> dict[str, Any]:
    return event.model_json_schema(mode="validation")


@cache
def documents() -> dict[str, str]:
    """The text of every snapshot by its path below this folder."""
    with apps() as built:
        found = {f"openapi/{name}.json": _text(app.openapi()) for name, app in built.items()}
    found |= {f"events/{name}.json": _text(event_schema(event)) for name, event in events().items()}
    found[ASYNCAPI] = _text(asyncapi(events(), consumed(), "1"))
    return found | {_page_path(name): service_pages.page(name, events(), consumed()) for name in SERVICES}


def stored() -> dict[str, str]:
    files = [*sorted(HOME.glob("openapi/*.json")), *sorted(HOME.glob("events/*.json"))]
    paths = [ASYNCAPI, *map(_page_path, SERVICES), *(str(file.relative_to(HOME)) for file in files)]
    return {path: (HOME / path).read_text("utf-8") for path in paths if (HOME / path).exists()}


def _page_path(service: str) -> str:
    return f"../../docs/services/{service_pages.path_of(service).name}"


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
