"""What a module mentions of the world outside it: every import and every dotted name, spelled out in full."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Module:
    """`name` is dotted (`services.vehicle.domain.motion`); `mentions` maps a dotted name to the first line it stands on."""

    name: str
    mentions: dict[str, int]


def modules(*folders: str) -> Iterator[Module]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "__pycache__" not in path.parts:
                yield read(dotted(path.relative_to(ROOT)), path.read_text("utf-8"), is_package=path.name == "__init__.py")


def dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def read(name: str, source: str, *, is_package: bool = False) -> Module:
    tree = ast.parse(source)
    local: dict[str, str] = {}
    """What a name of this module stands for: `from uuid import uuid4 as u` makes `u` mean `uuid.uuid4`."""
    mentions: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
                mentions.setdefault(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, name, is_package=is_package)
            for alias in node.names:
                local[alias.asname or alias.name] = f"{origin}.{alias.name}"
                mentions.setdefault(f"{origin}.{alias.name}", node.lineno)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (full := _spelled_out(node, local)):
            mentions.setdefault(full, node.lineno)
        elif isinstance(node, ast.Call) and (imported := _imported_by_call(node)):
            mentions.setdefault(imported, node.lineno)
    return Module(name, mentions)


def _origin(node: ast.ImportFrom, name: str, *, is_package: bool) -> str:
    """The module after `from`; a relative one counted from `name`."""
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    home = parts[: len(parts) - node.level + is_package]
    return ".".join([*home, *([node.module] if node.module else [])])


def _spelled_out(node: ast.expr, local: dict[str, str]) -> str | None:
    """`datetime.now` after `from datetime import datetime` is `datetime.datetime.now`."""
    if isinstance(node, ast.Name):
        return local.get(node.id)
    if isinstance(node, ast.Attribute) and (of := _spelled_out(node.value, local)):
        return f"{of}.{node.attr}"
    return None


def _imported_by_call(node: ast.Call) -> str | None:
    """`import_module("services.route.app")` and `__import__("…")` are imports too."""
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    first = node.args[0] if node.args else None
    if called in {"import_module", "__import__"} and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None


def circle(walked: Iterable[Module]) -> list[str]:
    """Modules that need each other, from one back to itself; empty when there are none. A late import counts as well."""
    known = {module.name: module for module in walked}
    needed = {name: {_home(mentioned, known) for mentioned in module.mentions} - {name, ""} for name, module in known.items()}
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def _home(mentioned: str, known: dict[str, Module]) -> str:
    """The module a dotted name lies in, "" for one of somebody else's."""
    while mentioned and mentioned not in known:
        mentioned = mentioned.rpartition(".")[0]
    return mentioned
