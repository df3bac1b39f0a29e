"""HTML tags as Markdown of the kind that our own reader reads."""

import re
from typing import TYPE_CHECKING

from markdownify import ATX, MarkdownConverter

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|highlight|brush|sourceCode)[-:\s]+([\w+#]+)")
_NO_LANGUAGE = frozenset({"default", "none", "notranslate", "highlight", "text", "plain", "source"})
_FORMULA = re.compile(
    r"\\\(.+?\\\)|\\\[.+?\\\]|\$\$.+?\$\$|(?<![\\$\w])\$(?=\S)[^$\n]{1,300}?(?<=\S)\$(?![\w$])", re.DOTALL
)
_SPECIAL = re.compile(r"([\\`*\[\]]|<(?=[A-Za-z/!?])|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;))")
_LINE_START = re.compile(r"^(\s*(?:\d{1,9}(?=[.)]\s))?)(#{1,6}\s|[-+]\s|>|[.)]\s|:::|~~~)", re.MULTILINE)


def markdown_of_tags(body: "BeautifulSoup | Tag") -> str:
    """Return a page, or part of one; formulas are tags `x-formula` by now, what is to go is `x-nothing`."""
    converter = _Converter(
        heading_style=ATX, bullets="-", table_infer_header=True, code_language_callback=_language
    )
    return str(converter.convert_soup(body))


class _Converter(MarkdownConverter):
    """What markdownify would write otherwise."""

    def escape(self, text: str, *_: object) -> str:
        parts, at = [], 0
        for formula in _FORMULA.finditer(text):
            parts += [_escaped(text[at : formula.start()]), formula.group()]
            at = formula.end()
        return "".join([*parts, _escaped(text[at:])])

    def convert_x_formula(self, el: "Tag", _text: str, parent_tags: set[str]) -> str:
        latex = str(el["latex"])
        if el.get("display") != "block" or "_inline" in parent_tags:
            return f"${' '.join(latex.split())}$"
        lines = "\n".join(line for line in latex.split("\n") if line.strip())
        return f"\n\n$$\n{lines}\n$$\n\n"

    def convert_x_nothing(self, *_: object, **__: object) -> str:
        return ""

    def convert_details(self, _el: "Tag", text: str, **_: object) -> str:
        return f"\n\n<details>\n{text.strip()}\n\n</details>\n\n"

    def convert_summary(self, _el: "Tag", text: str, **_: object) -> str:
        return f"<summary>{' '.join(text.split())}</summary>\n\n"

    def convert_td(self, el: "Tag", text: str, **_: object) -> str:
        columns = str(el.get("colspan", "1"))
        count = max(1, min(20, int(columns))) if columns.isdecimal() else 1
        return f" {' '.join(text.split())} ".replace("|", r"\|") + "|" * count

    convert_th = convert_td

    def convert_mark(self, _el: "Tag", text: str, **_: object) -> str:
        return f"<mark>{text}</mark>"

    def convert_sup(self, _el: "Tag", text: str, **_: object) -> str:
        return f"<sup>{text}</sup>"

    def convert_sub(self, _el: "Tag", text: str, **_: object) -> str:
        return f"<sub>{text}</sub>"

    def convert_figcaption(self, *_: object, **__: object) -> str:
        return ""


def _escaped(text: str) -> str:
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _language(pre: "Tag") -> str:
    """Return the language that the classes of `<pre>`, of the code in it or of the box around it name."""
    for tag in (pre.find("code"), pre, pre.parent, pre.parent.parent if pre.parent else None):
        classes = " ".join(tag.get("class") or ()) if tag is not None and hasattr(tag, "get") else ""
        for found in _LANGUAGE.finditer(classes):
            if found.group(1) not in _NO_LANGUAGE:
                return found.group(1)
    return ""
