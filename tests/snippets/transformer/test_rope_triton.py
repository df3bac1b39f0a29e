"""The Triton kernels against RoPE in torch: interpreted, or compiled where there is CUDA."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

if importlib.util.find_spec("triton") is None:
    pytest.skip("triton is not installed", allow_module_level=True)

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SNIPPET = Path(__file__).parents[3] / "snippets" / "transformer" / "rope_triton.py"
LAYOUTS = ("half", "interleaved")
HALVES = (torch.float16, torch.bfloat16)

if DEVICE == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"  # read when Triton is imported, which the snippet does


@pytest.fixture(scope="module")
def kernels(load_snippet: Loader) -> ModuleType:
    return load_snippet("transformer/rope_triton")


@pytest.fixture(scope="module")
def reference(load_snippet: Loader) -> ModuleType:
    return load_snippet("transformer/rope")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(DEVICE, dtype)


def places(*shape: int, high: int = 5000) -> Tensor:
    return torch.randint(0, high, shape, generator=torch.Generator().manual_seed(1)).to(DEVICE)


def assert_equal(got: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(got.double(), expected.double(), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("T", [1, 16, 17, 33])
@pytest.mark.parametrize("block_t", [1, 16, 64])
def test_odd_lengths_equal_the_torch_reference(
    kernels: ModuleType, reference: ModuleType, T: int, block_t: int, layout: str
) -> None:
    x, p = rand(2, 3, T, 16), places(T)
    got = kernels.apply_rope_triton(x, p, layout=layout, block_t=block_t)
    assert_equal(got, reference.apply_rope(x.double(), p, layout=layout))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "widths", [(2, 2), (3, 2), (6, 6), (10, 6), (14, 14), (17, 16), (128, 128), (96, 80)]
)
def test_odd_widths_equal_the_torch_reference(
    kernels: ModuleType, reference: ModuleType, widths: tuple[int, int], layout: str
) -> None:
    x, p = rand(1, 2, 5, widths[0]), places(5)
    got = kernels.apply_rope_triton(x, p, rotary_dim=widths[1], layout=layout)
    assert_equal(got, reference.apply_rope(x.double(), p, rotary_dim=widths[1], layout=layout))
    assert torch.equal(got[..., widths[1] :], x[..., widths[1] :])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_sequence_may_have_positions_and_a_base(
    kernels: ModuleType, reference: ModuleType, layout: str
) -> None:
    x, p = rand(3, 2, 19, 12), places(3, 19)
    got = kernels.apply_rope_triton(x, p, 500.0, rotary_dim=10, layout=layout)
    assert_equal(got, reference.apply_rope(x.double(), p, 500.0, rotary_dim=10, layout=layout))
    fractions = p[0] / 4  # as position interpolation has them
    got = kernels.apply_rope_triton(x, fractions, layout=layout)
    assert_equal(got, reference.apply_rope(x.double(), fractions, layout=layout))
    expanded = p[:1].expand(3, 19)
    assert torch.equal(kernels.apply_rope_triton(x, expanded), kernels.apply_rope_triton(x, p[0]))


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_halves_are_turned_in_float32_and_rounded_once(
    kernels: ModuleType, dtype: torch.dtype, layout: str
) -> None:
    x, p = rand(2, 2, 17, 12, dtype=dtype), places(17, high=100_000)
    got = kernels.apply_rope_triton(x, p, rotary_dim=10, layout=layout)
    assert got.dtype == dtype
    wide = kernels.apply_rope_triton(x.float(), p, rotary_dim=10, layout=layout)
    assert torch.equal(got, wide.to(dtype))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_far_positions_keep_their_angles(kernels: ModuleType, reference: ModuleType, layout: str) -> None:
    """A float32 angle of 1,000,003 would be right to 0.03 only."""
    x, p = rand(1, 1, 3, 8), torch.tensor([1_000_003, 999_999, 0], device=DEVICE)
    assert_equal(
        kernels.apply_rope_triton(x, p, layout=layout), reference.apply_rope(x.double(), p, layout=layout)
    )


def test_strides_do_not_matter_and_nothing_is_changed(kernels: ModuleType) -> None:
    x, p = rand(2, 9, 3, 12).transpose(1, 2), places(9)
    copies = x.clone(), p.clone()
    got = kernels.apply_rope_triton(x, p, rotary_dim=6)
    assert got.is_contiguous()
    assert torch.equal(got, kernels.apply_rope_triton(x.contiguous(), p, rotary_dim=6))
    assert torch.equal(x, copies[0])
    assert torch.equal(p, copies[1])
    every_other = rand(2, 3, 9, 24)[..., ::2]
    assert torch.equal(
        kernels.apply_rope_triton(every_other, p), kernels.apply_rope_triton(every_other.contiguous(), p)
    )
    same_heads = rand(2, 1, 9, 12).expand(2, 3, 9, 12)
    turned = kernels.apply_rope_triton(same_heads, p)
    assert torch.equal(turned[:, 0], turned[:, 2])


@pytest.mark.parametrize("shape", [(0, 2, 3, 4), (2, 0, 3, 4), (2, 2, 0, 4)])
def test_nothing_gives_nothing(kernels: ModuleType, shape: tuple[int, ...]) -> None:
    x = torch.empty(shape, device=DEVICE)
    assert kernels.apply_rope_triton(x, torch.arange(shape[2], device=DEVICE)).shape == shape


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rotary_dim", [None, 6])
def test_its_twin_equals_the_torch_reference(
    kernels: ModuleType, reference: ModuleType, layout: str, rotary_dim: int | None
) -> None:
    x, p = rand(2, 3, 5, 10), places(2, 5)
    got = kernels.rope_torch(x, p, 100.0, rotary_dim=rotary_dim, layout=layout)
    expected = reference.apply_rope(x.double(), p, 100.0, rotary_dim=rotary_dim, layout=layout)
    torch.testing.assert_close(got, expected, atol=1e-12, rtol=0)


def test_scores_see_the_distance_only(kernels: ModuleType) -> None:
    q, k = rand(1, 1, 1, 64), rand(1, 1, 1, 64, seed=1)

    def score(m: int, n: int) -> float:
        at_m, at_n = (torch.tensor([p], device=DEVICE) for p in (m, n))
        return float((kernels.apply_rope_triton(q, at_m) * kernels.apply_rope_triton(k, at_n)).sum())

    assert score(2003, 2000) == pytest.approx(score(3, 0), abs=1e-4)
    assert score(0, 3) != pytest.approx(score(3, 0), abs=1e-1)


def test_bad_calls_are_refused(kernels: ModuleType) -> None:
    x, positions = rand(2, 1, 3, 4), torch.arange(3, device=DEVICE)
    cases: list[tuple[str, tuple[Tensor, Tensor], dict[str, Any]]] = [
        ("x must", (x[0], positions), {}),
        ("positions", (x, positions[:2]), {}),
        ("positions", (x, positions[None]), {}),
        ("layout", (x, positions), {"layout": "split"}),
        ("rotary_dim", (x, positions), {"rotary_dim": 3}),
        ("rotary_dim", (x, positions), {"rotary_dim": 6}),
        ("rotary_dim", (x, positions), {"rotary_dim": 0}),
        ("rotary_dim", (x[..., :3], positions), {}),
        ("base", (x, positions), {"base": 0.0}),
        ("block_t", (x, positions), {"block_t": 12}),
        ("block_t", (x, positions), {"block_t": 0}),
    ]
    for named, arguments, options in cases:
        with pytest.raises(ValueError, match=named):
            kernels.apply_rope_triton(*arguments, **options)
    for wrong in (x.double(), x.long()):
        with pytest.raises(TypeError, match="x must"):
            kernels.apply_rope_triton(wrong, positions)
    with pytest.raises(TypeError, match="positions"):
        kernels.apply_rope_triton(x, positions > 0)


# Rows


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("pairs", [1, 3, 4, 5, 8, 13])
@pytest.mark.parametrize("rest", [0, 1, 4, 16])
def test_rows_turn_as_complex_numbers_do(
    kernels: ModuleType, pairs: int, rest: int, dtype: torch.dtype
) -> None:
    x, angle = rand(3, 2 * pairs + rest, dtype=dtype), 6 * rand(3, pairs, seed=1)
    got = kernels.rotate_rows(x, angle.cos(), angle.sin())
    z = torch.complex(x[:, :pairs].float(), x[:, pairs : 2 * pairs].float())
    z = z * torch.polar(torch.ones_like(angle), angle)
    expected = torch.cat([z.real, z.imag, x[:, 2 * pairs :].float()], dim=1)
    assert got.dtype == dtype
    error = {torch.float32: 1e-6, torch.float16: 1e-3}[dtype]
    torch.testing.assert_close(got.float(), expected, atol=error, rtol=error)
    assert torch.equal(got[:, 2 * pairs :], x[:, 2 * pairs :])


def test_rows_may_be_strided_or_missing(kernels: ModuleType) -> None:
    x, angle = rand(9, 4).mT, rand(3, 4, seed=1).mT
    before = x.clone()
    got = kernels.rotate_rows(x, angle.cos(), angle.sin())
    assert torch.equal(got, kernels.rotate_rows(x.contiguous(), angle.cos(), angle.sin()))
    assert torch.equal(x, before)
    assert kernels.rotate_rows(x[:0], angle[:0].cos(), angle[:0].sin()).shape == (0, 9)


def test_rows_refuse_bad_calls(kernels: ModuleType) -> None:
    x, table = rand(3, 8), rand(3, 4)
    for arguments in (
        (x[0], table, table),
        (x, table[0], table[0]),
        (x, table, table[:, :3]),
        (x, table[:2], table[:2]),
        (x[:, :7], table, table),
    ):
        with pytest.raises(ValueError, match="cos"):
            kernels.rotate_rows(*arguments)
    for wrong in (x.double(), x.bfloat16(), x.long()):
        with pytest.raises(TypeError, match="x must"):
            kernels.rotate_rows(wrong, table, table)


# The claim, and the compiler


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(kernels: ModuleType, seed: int) -> None:
    result = kernels.claim(seed, DEVICE)
    assert result["passed"] is True
    assert result == kernels.claim(seed, DEVICE)


def test_main_is_short(kernels: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    kernels.main(DEVICE)
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


COMPILE = """
import runpy, sys
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

snippet = runpy.run_path(sys.argv[1])
strides = ("H", "T", "D", "x_b", "x_h", "x_t", "x_d", "table_b")
tables = dict(cos="*fp32", sin="*fp32")
sources = []
for number in ("fp16", "bf16", "fp32"):
    pointers = dict(out="*" + number, x="*" + number, **tables)
    for interleaved in (False, True):
        sizes = dict(PAIRS=11, INTERLEAVED=interleaved, BLOCK_T=16, BLOCK_P=16)
        types = pointers | dict.fromkeys(strides, "i32") | dict.fromkeys(sizes, "constexpr")
        sources.append(ASTSource(snippet["rope_kernel"], types, constexprs=sizes))
    types = pointers | dict(pairs="i32", width="i32", BLOCK="constexpr")
    sources.append(ASTSource(snippet["rows_kernel"], types, constexprs={"BLOCK": 16}))
for source in sources:
    print("st.global" in triton.compile(source, target=GPUTarget("cuda", 80, 32)).asm["ptx"])
"""


def test_the_kernels_compile_for_cuda_without_a_gpu(tmp_path: Path) -> None:
    """In a process of its own, where Triton does not interpret."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    environment |= {"TRITON_CACHE_DIR": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-c", COMPILE, str(SNIPPET)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout.split() == ["True"] * 9, done.stderr[-2000:]
