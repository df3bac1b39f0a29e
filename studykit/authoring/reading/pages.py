"""Saved pages: the article in an HTML file as Markdown, formulas as the author wrote them."""

import re
import warnings
from typing import TYPE_CHECKING, Any

from studykit.errors import StudykitError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_AROUND = frozenset(
    (
        *(
            "script",
            "style",
            "nav",
            "footer",
            "aside",
            "form",
            "button",
            "iframe",
            "noscript",
            "svg",
            "template",
        ),
        *("select", "dialog", "video", "audio"),
    )
)
_AROUND_NAMES = frozenset(
    (
        *(
            "headerlink",
            "anchor-link",
            "toc",
            "table-of-contents",
            "sr-only",
            "visually-hidden",
            "breadcrumb",
        ),
        *("pagination", "comments", "MathJax_Preview", "MathJax", "MathJax_Display"),
    )
)
"""What stands around an article, or is shown twice: tags, classes and ids."""

_PICTURES = frozenset({"mwe-math-fallback-image-inline", "mwe-math-fallback-image-display", "latex"})
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|highlight|brush|sourceCode)[-:\s]+([\w+#]+)")
_NO_LANGUAGE = frozenset({"default", "none", "notranslate", "highlight", "text", "plain", "source"})
_FORMULA = re.compile(
    r"\\\(.+?\\\)|\\\[.+?\\\]|\$\$.+?\$\$|(?<![\\$\w])\$(?=\S)[^$\n]{1,300}?(?<=\S)\$(?![\w$])", re.DOTALL
)
_SPECIAL = re.compile(r"([\\`*\[\]]|<(?=[A-Za-z/!?])|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;))")
_LINE_START = re.compile(r"^(\s*(?:\d{1,9}(?=[.)]\s))?)(#{1,6}\s|[-+]\s|>|[.)]\s|:::|~~~)", re.MULTILINE)


def markdown_of_page(text: str, name: str) -> str:
    """Return the article of a page as Markdown; raise `StudykitError` where it cannot be read."""
    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bs4 warns of pages that look like XML or like a file name
        try:
            soup = BeautifulSoup(text, "html.parser")
            return _converted(soup).strip() + "\n"
        except RecursionError:
            raise StudykitError(
                f"{name} nests its tags too deeply to be read. Save the page as Markdown instead."
            ) from None


def _converted(soup: "BeautifulSoup") -> str:
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    tags = soup.find_all(True)
    for tag in tags:
        _mark_formula(tag)
    for tag in tags:
        if _stands_around(tag):
            _become(tag, "x-nothing")
    body = _article(soup)
    text = str(_converter().convert_soup(body))
    headed = body.find("h1") is not None or not title
    return text if headed else f"# {title}\n\n{text}"


def _article(soup: "BeautifulSoup") -> "Tag":
    """Return the longest `<article>`, else what is said to be the main part, else everything."""
    if articles := soup.find_all("article"):
        return max(articles, key=lambda tag: len(tag.get_text()))
    main = soup.find("main") or soup.find(True, role="main") or soup.find(True, id="content")
    return main or soup.body or soup


def _classes(tag: "Tag") -> list[str]:
    return tag.get_attribute_list("class")


def _stands_around(tag: "Tag") -> bool:
    if tag.name in _AROUND or tag.get("role") == "navigation" or tag.get("id") in _AROUND_NAMES:
        return True
    return any(name in _AROUND_NAMES for name in _classes(tag))


def _mark_formula(tag: "Tag") -> None:
    """Make a formula a tag of our own, with its LaTeX as the author wrote it."""
    kind = str(tag.get("type", ""))
    if tag.name == "script" and kind.startswith("math/tex"):
        _become(tag, "x-formula", str(tag.string or ""), display="display" in kind)
    elif "katex-display" in _classes(tag) or "katex" in _classes(tag) or tag.name == "math":
        if source := tag.find("annotation"):
            display = "katex-display" in _classes(tag) or tag.get("display") == "block"
            _become(tag, "x-formula", source.get_text(), display=display)
    elif tag.has_attr("data-tex"):
        _become(tag, "x-formula", str(tag["data-tex"]))
    elif tag.name == "img" and _PICTURES.intersection(_classes(tag)):
        _become(tag, "x-formula", str(tag.get("alt", "")))


def _become(tag: "Tag", name: str, latex: str = "", *, display: bool = False) -> None:
    """Change `tag` where it stands: to take it out would look for it among all its neighbours."""
    tag.clear()
    tag.name = name
    tag.attrs = {"latex": latex.strip(), "display": "block" if display else "inline"}


def _converter() -> Any:
    from markdownify import ATX, MarkdownConverter

    class Converter(MarkdownConverter):
        """Markdown of the kind that our own reader reads."""

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

    return Converter(
        heading_style=ATX, bullets="-", table_infer_header=True, code_language_callback=_language
    )


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
