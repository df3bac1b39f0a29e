"""What is decided before a child closes the sandbox behind itself."""

import resource
import sys
from pathlib import Path

import pytest

from studykit.running import wire

if sys.platform != "linux":
    pytest.skip("there is nothing to close elsewhere", allow_module_level=True)

from studykit.running import confine_limits, confine_seccomp
from studykit.running.confine_landlock import around


def test_a_secret_inside_what_may_be_read_is_left_out(tmp_path: Path) -> None:
    """As the reference answers are, where the package lies in site-packages."""
    packages = tmp_path / "lib" / "site-packages"
    for name in ("torch", "studykit/builtin", "numpy"):
        (packages / name).mkdir(parents=True)
    (tmp_path / "lib" / "os.py").touch()
    named = sorted(around(tmp_path / "lib", packages / "studykit"))
    assert named == [tmp_path / "lib" / "os.py", packages / "numpy", packages / "torch"]


def test_several_secrets_are_left_out(tmp_path: Path) -> None:
    for name in ("a/decks", "a/code", "b/deep/home", "b/deep/other"):
        (tmp_path / name).mkdir(parents=True)
    named = sorted(around(tmp_path, tmp_path / "a" / "decks", tmp_path / "b" / "deep" / "home", Path("/x")))
    assert named == [tmp_path / "a" / "code", tmp_path / "b" / "deep" / "other"]


def test_what_holds_no_secret_is_named_as_a_whole(tmp_path: Path) -> None:
    assert list(around(tmp_path / "a", tmp_path / "b")) == [tmp_path / "a"]
    assert list(around(tmp_path / "a", tmp_path / "a")) == []


def test_limits_are_relative_to_what_the_process_has() -> None:
    wanted = {which: (soft, hard) for which, soft, hard in confine_limits.limits(wire.Order("", 2.5, 2**20))}
    assert wanted[resource.RLIMIT_CPU] == (4, 5)
    assert wanted[resource.RLIMIT_NOFILE] == (64, 64)
    assert wanted[resource.RLIMIT_FSIZE] == (16_777_216, 16_777_216)
    assert wanted[resource.RLIMIT_CORE] == (1, 1)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    assert abs(wanted[resource.RLIMIT_AS][0] - size - 2**20) < 2**24


def test_no_call_is_both_allowed_and_refused() -> None:
    allowed, refused = set(confine_seccomp.ALLOWED), set(confine_seccomp.REFUSED)
    assert not allowed & refused
    assert not allowed & {"socket", "socketpair", "execve", "fork", "ptrace", "io_uring_setup", "clone3"}


def test_the_filter_fits_into_the_kernel() -> None:
    assert len(confine_seccomp.main_filter().program) // 8 < 4096


def test_orders_survive_the_wire() -> None:
    import json
    from dataclasses import asdict

    order = wire.Order("/x", 1.5, 3, device="cuda", tools=True, layers=("limits",))
    assert wire.read_order(json.dumps(asdict(order)).encode()) == order
