"""Which changes of an event's schema break those who read it: adding an optional field does not, anything else does."""

from typing import Any

Schema = dict[str, Any]
WORDS = ("title", "description", "examples", "$defs")
"""What people read; no program depends on it."""


def breaking(old: Schema, new: Schema) -> list[str]:
    """Each breaking change from `old` to `new`, by the place where it stands; empty when readers of either can stay."""
    return list(_compare(old, new, old, new, "data", frozenset()))


def _compare(old: Any, new: Any, old_root: Schema, new_root: Schema, at: str, seen: frozenset[Any]) -> list[str]:
    pair = (_reference(old), _reference(new))
    if all(pair) and pair in seen:
        return []  # a schema that holds itself
    old, new = _plain(old, old_root), _plain(new, new_root)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return [] if old == new else [f"{at}: was {old!r}, is {new!r}"]
    if "properties" in old and "properties" in new:
        return _compare_fields(old, new, old_root, new_root, at, seen | {pair})
    found = []
    for word in sorted(old.keys() | new.keys()):
        before, after = old.get(word), new.get(word)
        if word == "required":
            before, after = sorted(before or []), sorted(after or [])
        if isinstance(before, list) and isinstance(after, list) and len(before) == len(after) and word != "required":
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                found += _compare(one, other, old_root, new_root, f"{at}.{word}[{number}]", seen | {pair})
        elif isinstance(before, dict) and isinstance(after, dict):
            found += _compare(before, after, old_root, new_root, f"{at}.{word}", seen | {pair})
        elif before != after:
            found.append(f"{at}: {word} was {before!r}, is {after!r}")
    return found


def _compare_fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str, seen: frozenset[Any]) -> list[str]:
    before, after = old["properties"], new["properties"]
    was_required, is_required = set(old.get("required", [])), set(new.get("required", []))
    found = [f"{at}.{name}: removed" for name in before if name not in after]
    found += [f"{at}.{name}: new and required" for name in after if name not in before and name in is_required]
    for name in before.keys() & after.keys():
        if (name in was_required) != (name in is_required):
            found.append(f"{at}.{name}: {'is required now' if name in is_required else 'is no longer always there'}")
        found += _compare(before[name], after[name], old_root, new_root, f"{at}.{name}", seen)
    rest = ("properties", "required")
    others = [{word: value for word, value in schema.items() if word not in rest} for schema in (old, new)]
    return sorted(found + _compare(*others, old_root, new_root, at, seen))


def _plain(schema: Any, root: Schema) -> Any:
    """Without references and words; what stands beside a `$ref` is kept."""
    if not isinstance(schema, dict):
        return schema
    while name := _reference(schema):
        schema = root["$defs"][name] | {word: value for word, value in schema.items() if word != "$ref"}
    return {word: value for word, value in schema.items() if word not in WORDS}


def _reference(schema: Any) -> str | None:
    return schema["$ref"].removeprefix("#/$defs/") if isinstance(schema, dict) and "$ref" in schema else None
