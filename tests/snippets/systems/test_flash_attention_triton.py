"""The Triton kernels against whole matrices in float64: interpreted, or compiled where there is CUDA."""

import importlib.util
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

if importlib.util.find_spec("triton") is None:
    pytest.skip("triton is not installed", allow_module_level=True)

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SNIPPET = Path(__file__).parents[3] / "snippets" / "systems" / "flash_attention_triton.py"
ERRORS = {torch.float32: 1e-5, torch.float16: 2e-3, torch.bfloat16: 2e-2}

if DEVICE == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"  # read when Triton is imported, which the snippet does


@pytest.fixture(scope="module")
def kernels(load_snippet: Loader) -> ModuleType:
    return load_snippet("systems/flash_attention_triton")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(DEVICE, dtype)


def qkv(
    Tq: int, Tk: int, D: int = 16, Dv: int = 16, *, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor, Tensor]:
    return (
        rand(1, 2, Tq, D, seed=1, dtype=dtype),
        rand(1, 2, Tk, D, seed=2, dtype=dtype),
        rand(1, 2, Tk, Dv, seed=3, dtype=dtype),
    )


def dense(
    q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False, scale: float | None = None
) -> tuple[Tensor, Tensor]:
    """Torch's own attention in float64, and the log-sum-exp row by row; no key gives 0 and -inf."""
    q, k, v = q.double(), k.double(), v.double()
    Tq, Tk = q.shape[2], k.shape[2]
    mask = torch.ones(Tq, Tk, dtype=torch.bool, device=q.device)
    mask = mask.tril(Tk - Tq) if causal else mask
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale)
    out = out.masked_fill(~mask.any(-1)[:, None], 0.0)
    scores = q @ k.mT * (q.shape[-1] ** -0.5 if scale is None else scale)
    return out, scores.masked_fill(~mask, -math.inf).logsumexp(-1)


def assert_close(got: tuple[Tensor, Tensor], expected: tuple[Tensor, Tensor]) -> None:
    error = ERRORS[got[0].dtype]
    torch.testing.assert_close(got[0].double(), expected[0], atol=error, rtol=error)
    torch.testing.assert_close(got[1].double(), expected[1], atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("lengths", [(16, 16), (1, 1), (17, 33), (40, 23), (1, 50), (33, 1), (15, 47)])
@pytest.mark.parametrize("blocks", [(16, 16), (32, 16), (16, 64)])
def test_odd_lengths_equal_the_whole_matrix(
    kernels: ModuleType, lengths: tuple[int, int], blocks: tuple[int, int], causal: bool
) -> None:
    q, k, v = qkv(*lengths)
    got = kernels.flash_attention_triton(q, k, v, causal=causal, block_q=blocks[0], block_k=blocks[1])
    assert_close(got, dense(q, k, v, causal=causal))


@pytest.mark.parametrize(("D", "Dv"), [(16, 16), (8, 24), (1, 1), (17, 5), (64, 32)])
def test_odd_widths_equal_the_whole_matrix(kernels: ModuleType, D: int, Dv: int) -> None:
    q, k, v = qkv(19, 21, D, Dv)
    assert_close(kernels.flash_attention_triton(q, k, v, causal=True), dense(q, k, v, causal=True))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("causal", [False, True])
def test_dtypes_are_kept_and_sums_are_wide(kernels: ModuleType, dtype: torch.dtype, causal: bool) -> None:
    q, k, v = qkv(20, 150, dtype=dtype)
    out, lse = kernels.flash_attention_triton(q, k, v, causal=causal)
    assert (out.dtype, lse.dtype) == (dtype, torch.float32)
    assert_close((out, lse), dense(q, k, v, causal=causal))


def test_a_long_sum_of_halves_does_not_stall(kernels: ModuleType) -> None:
    """4,096 equal weights: a float16 sum of ones would stop at 2,048."""
    q, k = torch.zeros(2, 1, 1, 1, 16, device=DEVICE, dtype=torch.float16)
    k, v = k.expand(1, 1, 4096, 16), torch.ones(1, 1, 4096, 16, device=DEVICE, dtype=torch.float16)
    out, lse = kernels.flash_attention_triton(q, k, v, block_k=64)
    assert bool((out == 1).all())
    assert lse.item() == pytest.approx(math.log(4096))


def test_the_tail_weighs_nothing(kernels: ModuleType) -> None:
    """All scores are far below the 0 that a lane beyond the last key would have."""
    q, k, v = qkv(5, 19)
    k = k.abs() + 1
    q = -q.abs() - 20
    assert float((q @ k.mT).max()) < -100
    assert_close(kernels.flash_attention_triton(q, k, v, block_k=16), dense(q, k, v))


def test_scores_may_be_huge(kernels: ModuleType) -> None:
    q, k, v = qkv(18, 18)
    out, lse = kernels.flash_attention_triton(q, k, v, scale=1000.0, block_k=16)
    assert bool(out.isfinite().all())
    assert float(lse.max()) > 1000
    torch.testing.assert_close(out.double(), dense(q, k, v, scale=1000.0)[0], atol=1e-2, rtol=0)


def test_rows_without_keys_are_zero(kernels: ModuleType) -> None:
    q, k, v = qkv(40, 3)
    out, lse = kernels.flash_attention_triton(q, k, v, causal=True, block_q=16, block_k=16)
    assert bool((out[:, :, :37] == 0).all())
    assert bool((lse[:, :, :37] == -math.inf).all())
    assert bool(lse[:, :, 37:].isfinite().all())
    out, lse = kernels.flash_attention_triton(q, k[:, :, :0], v[:, :, :0])
    assert bool((out == 0).all())
    assert bool((lse == -math.inf).all())


def test_no_queries_give_nothing(kernels: ModuleType) -> None:
    q, k, v = qkv(4, 5)
    out, lse = kernels.flash_attention_triton(q[:, :, :0], k, v)
    assert (out.shape, lse.shape) == ((1, 2, 0, 16), (1, 2, 0))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the second tile of queries does meet nan
def test_keys_above_the_diagonal_are_never_read(kernels: ModuleType) -> None:
    q, k, v = qkv(32, 32)
    k[:, :, 16:], v[:, :, 16:] = math.nan, math.nan
    out, _ = kernels.flash_attention_triton(q, k, v, causal=True, block_q=16, block_k=16)
    assert bool(out[:, :, :16].isfinite().all())


def test_heads_and_sequences_stay_apart_and_strides_do_not_matter(kernels: ModuleType) -> None:
    q, k, v = (rand(2, 9, 3, 16, seed=seed).transpose(1, 2) for seed in range(3))
    assert not q.is_contiguous()
    copies = [x.clone() for x in (q, k, v)]
    out, lse = kernels.flash_attention_triton(q, k, v)
    for b in range(2):
        for h in range(3):
            one = (x[b : b + 1, h : h + 1] for x in (q, k, v))
            expected, expected_lse = dense(*one)
            torch.testing.assert_close(out[b, h].double(), expected[0, 0], atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(lse[b, h].double(), expected_lse[0, 0], atol=1e-5, rtol=1e-5)
    assert all(torch.equal(x, copy) for x, copy in zip((q, k, v), copies, strict=True))


@pytest.mark.parametrize("causal", [False, True])
def test_the_kernel_equals_the_torch_tiles(kernels: ModuleType, load_snippet: Loader, causal: bool) -> None:
    tiles = load_snippet("systems/flash_attention")
    q, k, v = qkv(21, 34, 24, 12)
    out, lse = kernels.flash_attention_triton(q, k, v, causal=causal, scale=0.3)
    expected = tiles.flash_attention(q, k, v, causal=causal, scale=0.3, return_lse=True)
    torch.testing.assert_close(out, expected[0], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(lse, expected[1], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("lengths", [(7, 7), (5, 9), (9, 5)])
def test_its_twin_equals_torchs_attention(
    kernels: ModuleType, lengths: tuple[int, int], causal: bool
) -> None:
    q, k, v = qkv(*lengths)
    out, lse = kernels.attention_torch(q, k, v, causal=causal)
    expected, expected_lse = dense(q, k, v, causal=causal)
    torch.testing.assert_close(out, expected, atol=1e-12, rtol=0)
    torch.testing.assert_close(lse, expected_lse, atol=1e-12, rtol=0)


def test_bad_calls_are_refused(kernels: ModuleType) -> None:
    q, k, v = qkv(3, 4)
    for arguments in ((q[0], k, v), (q, k[:, :1], v), (q, k[..., :2], v), (q, k, v[:, :, :2])):
        with pytest.raises(ValueError, match="q, k and v"):
            kernels.flash_attention_triton(*arguments)
    for sizes in ({"block_q": 8}, {"block_k": 24}, {"block_k": 0}):
        with pytest.raises(ValueError, match="block_q"):
            kernels.flash_attention_triton(q, k, v, **sizes)
    for wrong in ((q.double(), k.double(), v.double()), (q.long(), k.long(), v.long()), (q, k.half(), v)):
        with pytest.raises(TypeError, match="q, k and v"):
            kernels.flash_attention_triton(*wrong)


# Log-sum-exp


@pytest.mark.parametrize("block", [1, 4, 16])
@pytest.mark.parametrize("width", [1, 3, 4, 5, 16, 37])
@pytest.mark.parametrize("shift", [-200.0, 0.0, 200.0])
def test_log_sum_exp_equals_torchs(kernels: ModuleType, width: int, block: int, shift: float) -> None:
    x = 3 * rand(2, width) + shift
    got = kernels.row_lse(x, block)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, x.logsumexp(-1), atol=1e-4, rtol=1e-6)


def test_log_sum_exp_of_halves_is_float32(kernels: ModuleType) -> None:
    x = rand(2, 3000, dtype=torch.float16)
    got = kernels.row_lse(x, 1024)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got.double(), x.double().logsumexp(-1), atol=1e-5, rtol=0)


def test_log_sum_exp_refuses_bad_calls(kernels: ModuleType) -> None:
    for x in (rand(3), rand(2, 0), rand(1, 2, 3)):
        with pytest.raises(ValueError, match="x must"):
            kernels.row_lse(x)
    for block in (0, 3, -4):
        with pytest.raises(ValueError, match="block"):
            kernels.row_lse(rand(2, 3), block)


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
sizes = dict(D=24, Dv=20, CAUSAL=True, BLOCK_Q=16, BLOCK_K=32, BLOCK_D=32, BLOCK_DV=32)
types = dict(out="*fp16", lse="*fp32", q="*fp16", k="*fp16", v="*fp16", scale="fp32", Tq="i32", Tk="i32")
types.update(dict.fromkeys(sizes, "constexpr"))
lse_types = dict(out="*fp32", x="*fp16", width="i32", BLOCK="constexpr")
for source in (
    ASTSource(snippet["forward_kernel"], types, constexprs=sizes),
    ASTSource(snippet["lse_kernel"], lse_types, constexprs={"BLOCK": 16}),
):
    print("mma.sync" in triton.compile(source, target=GPUTarget("cuda", 80, 32)).asm["ptx"])
"""


def test_the_kernels_compile_for_cuda_without_a_gpu(tmp_path: Path) -> None:
    """In a process of its own, where Triton does not interpret; the forward kernel uses tensor cores."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    environment |= {"TRITON_CACHE_DIR": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-c", COMPILE, str(SNIPPET)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout.split() == ["True", "False"], done.stderr[-2000:]
