"""Saved pages: the article in an HTML file as Markdown, formulas as the author wrote them."""

import warnings
from typing import TYPE_CHECKING

from studykit.errors import StudykitError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_AROUND = frozenset(
    [
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
        "select",
        "dialog",
        "video",
        "audio",
    ]
)
_AROUND_NAMES = frozenset(
    [
        "headerlink",
        "anchor-link",
        "toc",
        "table-of-contents",
        "sr-only",
        "visually-hidden",
        "breadcrumb",
        "pagination",
        "comments",
        "MathJax_Preview",
        "MathJax",
        "MathJax_Display",
    ]
)
"""What stands around an article, or is shown twice: tags, classes and ids."""

_PICTURES = frozenset({"mwe-math-fallback-image-inline", "mwe-math-fallback-image-display", "latex"})


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
    from studykit.authoring.reading.html_to_markdown import markdown_of_tags

    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    tags = soup.find_all(True)
    for tag in tags:
        _mark_formula(tag)
    for tag in tags:
        if _stands_around(tag):
            _become(tag, "x-nothing")
    body = _article(soup)
    text = markdown_of_tags(body)
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
