"""What the words after ``` say."""

import re

_NAMES = {
    "py": "python",
    "py2": "python",
    "py3": "python",
    "python2": "python",
    "python3": "python",
    "ipython": "python",
    "ipython2": "python",
    "ipython3": "python",
    "python-repl": "pycon",
    "python-console": "pycon",
    "pythonconsole": "pycon",
    "py-con": "pycon",
    "sh": "bash",
    "zsh": "bash",
    "js": "javascript",
    "c++": "cpp",
    "yml": "yaml",
    "md": "markdown",
    "plaintext": "text",
    "plain": "text",
    "txt": "text",
}
_WORD = re.compile(r"[\w#+.-]+")
_DIRECTIVE = re.compile(r"\{([\w:-]+)\}[ \t]*(.*)$")


def language_of(info: str) -> str:
    """Return the language in lower case under its usual name, or nothing: `{.python .input}` is `python`."""
    directive = _DIRECTIVE.match(info)
    if directive and directive.group(1) in ("code-cell", "code-block", "code", "sourcecode"):
        info = directive.group(2)
    first = _WORD.search(info.replace("lang=", " ").split(":", 1)[0] if "://" not in info else "")
    if first is None:
        return ""
    name = first.group().lstrip(".#").lower()
    return _NAMES.get(name, name)


def directive_of(info: str) -> tuple[str, str] | None:
    """Return the name and the rest of a MyST directive (`{note} Title`)."""
    match = _DIRECTIVE.match(info)
    return (match.group(1), match.group(2).strip()) if match else None
