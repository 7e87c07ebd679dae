"""What each service's page in docs/services says of events, rules and tables, made from the code."""

import json
from importlib import import_module
from pathlib import Path

from shared.events.base import Event

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "services"
MADE_BELOW = "<!-- The rest is made from the code: make contracts -->"


def page(service: str, events: dict[str, type[Event]], consumed: dict[str, frozenset[str]]) -> str:
    """The page with what people wrote as it is, and below it what the code says."""
    written, marker, _ = path_of(service).read_text("utf-8").partition(MADE_BELOW)
    if not marker:
        raise ValueError(f"{path_of(service)} has no line {MADE_BELOW!r}")
    parts = (_published(service, events, consumed), _taken(service, consumed), _rules(service), _tables(service))
    return written + MADE_BELOW + "\n\n" + "\n\n".join(part for part in parts if part) + "\n"


def path_of(service: str) -> Path:
    return PAGES / f"{service.replace('_', '-')}.md"


def _published(service: str, events: dict[str, type[Event]], consumed: dict[str, frozenset[str]]) -> str:
    rows = []
    for name, event in sorted(events.items()):
        if name.startswith(f"{service}."):
            takers = ", ".join(f"[{taker}]({path_of(taker).name})" for taker, types in consumed.items() if name in types)
            rows.append(f"| `{name}` | {takers} | {_first_line(event.__doc__)} |")
    return _table("Events it publishes", ("event", "taken by", "what it says"), rows)


def _taken(service: str, consumed: dict[str, frozenset[str]]) -> str:
    publishers: dict[str, list[str]] = {}
    for name in sorted(consumed[service]):
        publishers.setdefault(name.partition(".")[0], []).append(f"`{name}`")
    rows = [f"| [{publisher}]({path_of(publisher).name}) | {', '.join(names)} |" for publisher, names in publishers.items()]
    return _table("Events it takes", ("from", "events"), rows)


def _rules(service: str) -> str:
    rows = []
    for file in sorted((ROOT / "services" / service / "data").glob("*.json")):
        versions = json.loads(file.read_text("utf-8")).get("versions")
        if versions:
            days = ", ".join(version["valid_from"] for version in versions)
            rows.append(f"| `services/{service}/data/{file.name}` | {days} | {versions[-1]['source']} |")
    return _table("Rules that are data", ("file", "holds from", "source of the newest version"), rows)


def _tables(service: str) -> str:
    rows = []
    for file in sorted((ROOT / "services" / service / "tables").glob("[!_]*.py")):
        module = import_module(f"services.{service}.tables.{file.stem}")
        own = [kind for kind in vars(module).values() if getattr(kind, "__module__", "") == module.__name__]
        rows += [
            f"| `{kind.__tablename__}` | `{file.relative_to(ROOT)}` | {_first_line(kind.__doc__)} |"
            for kind in own
            if hasattr(kind, "__table__")
        ]
    return _table("Tables", ("table", "file", ""), rows)


def _table(title: str, head: tuple[str, ...], rows: list[str]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *rows]
    return f"## {title}\n\n" + "\n".join(lines)


def _first_line(docstring: str | None) -> str:
    return (docstring or "").strip().split("\n")[0].replace("|", "\\|")
