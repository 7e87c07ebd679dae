"""Writes the contract snapshots (`make contracts`). A breaking change of a .v1 event is refused: make it a .v2 beside it.

`--force-before-release` writes it all the same; after the first release nobody may use it.
"""

import json
import sys

from event_changes import breaking
from promises import HOME, documents, stored

FORCE = "--force-before-release"


def broken_promises(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Breaking changes of events that are stored already."""
    found = []
    for path, text in old.items():
        if path.startswith("events/"):
            if path not in new:
                found.append(f"{path}: the event is gone, and somebody may listen to it")
            else:
                found += [f"{path}: {change}" for change in breaking(json.loads(text), json.loads(new[path]))]
    return found


def main(arguments: list[str]) -> int:
    old, new = stored(), documents()
    broken = broken_promises(old, new)
    if broken and FORCE not in arguments:
        print("\n".join([*broken, "These break those who listen. Publish a .v2 beside the .v1 and keep the .v1 as it is."]))
        return 1
    for path in old.keys() - new.keys():
        (HOME / path).unlink()
    for path, text in new.items():
        (HOME / path).parent.mkdir(exist_ok=True)
        (HOME / path).write_text(text, "utf-8")
    changed = [path for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]
    print("\n".join(changed) or "nothing changed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
