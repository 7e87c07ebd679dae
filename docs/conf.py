"""The documentation's site: `make docs` builds it; the gateway serves it under /guide."""

import gettext
import re
from pathlib import Path

import sphinx
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

HERE = Path(__file__).parent
HAN = re.compile(r"[\u3400-\u9fff]+")

project = "Sanitation"
author = "the Sanitation contributors"
root_doc = "index"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["site"]
templates_path = [str(HERE / "site" / "templates")]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
language = "en"

html_theme = "furo"
html_title = "Sanitation"
html_static_path = [str(HERE / "site" / "static")]
html_favicon = str(HERE.parent / "services/gateway/console/src/icon.svg")
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False


def pairs(text: str) -> list[str]:
    """Chinese has no spaces: each two neighbouring characters are a word, in the index and in what is searched for."""
    return [run[i : i + 2] for run in HAN.findall(text) for i in range(max(len(run) - 1, 1))]


class PairSearch(SearchEnglish):
    """English words by their stem, Chinese by pairs of characters."""

    lang = "en"
    js_splitter_code = r"""
function splitQuery(query) {
  const han = query.match(/[\u3400-\u9fff]+/g) || [];
  const pairs = han.flatMap(run => run.length < 2 ? [run] : [...run.slice(1)].map((_, i) => run.slice(i, i + 2)));
  return [...query.replace(/[\u3400-\u9fff]+/g, " ").split(/[^\p{L}\p{N}_]+/u).filter(word => word), ...pairs];
}
"""

    def split(self, text: str) -> list[str]:
        return [*super().split(HAN.sub(" ", text)), *pairs(text)]

    def word_filter(self, word: str) -> bool:
        return bool(HAN.match(word)) or super().word_filter(word)


def in_its_language(_app: Sphinx, page: str, _template: str, context: dict[str, object], _doctree: Node | None) -> None:
    """Chinese pages have their frame in Chinese; each page leads to the first one of the other language."""
    chinese, up = page.startswith("zh-CN/"), "../" * page.count("/")
    context["chinese"] = chinese
    context["other_language"] = (f"{up}index.html", "English") if chinese else (f"{up}zh-CN/index.html", "中文")
    if chinese:
        words = gettext.translation("sphinx", Path(sphinx.__file__).parent / "locale", ["zh_CN"])
        context |= {"language": "zh-CN", "_": words.gettext, "gettext": words.gettext, "ngettext": words.ngettext}


def setup(app: Sphinx) -> None:
    app.add_search_language(PairSearch)
    app.connect("html-page-context", in_its_language)
