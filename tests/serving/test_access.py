"""Who may come in, and who may not."""

import pytest

from studykit.serving.access import access, is_loopback

HERE = access("127.0.0.1", None)
OUT = access("0.0.0.0", "secret")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "[::1]", "127.8.8.8"])
def test_loopback_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", "localhost.example.org", ""])
def test_everything_else_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost:8000", "localhost", "[::1]:8000", "LocalHost:9"]
)
def test_this_machine_comes_in_by_its_own_names(host: str) -> None:
    assert HERE.refusal("/", host, None, socket=False) == ""
    assert HERE.refusal("/ws", host, f"http://{host.lower()}", socket=True) == ""


@pytest.mark.parametrize(
    "host", ["evil.example:8000", "127.0.0.1.evil.example", "", "localhost.:8000", "[::", "127.0.0.1@evil"]
)
def test_a_name_that_was_made_to_point_here_is_refused(host: str) -> None:
    assert "does not go by that name" in HERE.refusal("/", host, None, socket=False)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://localhost:8000.evil.example",
        "null",
        "",
        "file://localhost:8000",
        "localhost:8000",
    ],
)
def test_pages_of_other_sites_are_refused(origin: str) -> None:
    assert HERE.refusal("/ws", "localhost:8000", origin, socket=True) == "Another site may not use this one."
    assert HERE.refusal("/", "localhost:8000", origin, socket=False) == "Another site may not use this one."


def test_a_socket_must_say_where_it_comes_from() -> None:
    assert "which page it comes from" in HERE.refusal("/ws", "localhost:8000", None, socket=True)


@pytest.mark.parametrize(
    "path", ["/", "/ws", "/secre/", "/secrets/", "/SECRET/", "/static/secret", "//", "/ſecret/"]
)
def test_elsewhere_nobody_comes_in_without_the_token(path: str) -> None:
    assert "token is missing or wrong" in OUT.refusal(path, "any.example", None, socket=False)


@pytest.mark.parametrize("path", ["/secret/", "/secret/ws", "/secret/static/own/page.js"])
def test_elsewhere_the_token_opens_everything(path: str) -> None:
    assert OUT.refusal(path, "any.example:80", "http://any.example:80", socket=True) == ""


def test_a_token_can_be_asked_for_on_this_machine_too() -> None:
    both = access("127.0.0.1", "secret")
    assert both.prefix == "/secret"
    assert "token" in both.refusal("/ws", "localhost", "http://localhost", socket=True)
