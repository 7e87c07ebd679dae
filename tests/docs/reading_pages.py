"""Pages of documentation and the commands in them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
FENCE = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, in order; `""` are those that name none."""
    return [text for of, text in FENCE.findall(page.read_text("utf-8")) if of == language]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))
