"""Who may come in. Pure.

Three things are to be kept out: other machines (a token in the path, unless only this machine can connect),
names that an attacker lets point here (DNS rebinding: the `Host` must be one of ours), and pages of other
sites in the learner's own browser (cross-site WebSocket hijacking: the `Origin` must be this very site).
"""

import hmac
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one server."""

    token: str | None
    """What the path of every address begins with; None if none is needed."""

    names: frozenset[str] | None
    """What the server may be called; None for anything, where the token protects it."""

    @property
    def prefix(self) -> str:
        """What the path of every address begins with, `/TOKEN` or nothing."""
        return f"/{self.token}" if self.token else ""

    def refusal(self, path: str, host: str, origin: str | None, *, socket: bool) -> str:
        """Return why a request must be refused; empty if it may come in."""
        if self.names is not None and _hostname(host) not in self.names:
            return "This server does not go by that name: use the address that `studykit serve` printed."
        if self.token is not None and not _same(path.lstrip("/").partition("/")[0], self.token):
            return "The token is missing or wrong: use the address that `studykit serve` printed."
        if socket and origin is None:
            return "A connection must say which page it comes from."
        if origin is not None and not _is_this_site(origin, host):
            return "Another site may not use this one."
        return ""


def access(host: str, token: str | None) -> Access:
    """Return the rules for a server that listens on `host`."""
    names = LOOPBACK_NAMES | {host.strip("[]").lower()}
    return Access(token, names if is_loopback(host) and token is None else None)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can connect to `host`; a name that only might is not."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf8", "replace"), other.encode())


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_this_site(origin: str, host: str) -> bool:
    scheme, _, rest = origin.partition("://")
    return scheme in ("http", "https") and bool(host) and rest.lower() == host.lower()
