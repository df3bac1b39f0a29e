"""Flash attention against torch's own attention, dense formulas, autograd, and traffic counted in loops."""

import itertools
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
F64 = torch.float64


@pytest.fixture(scope="module")
def fa(load_snippet: Loader) -> ModuleType:
    return load_snippet("systems/flash_attention")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64).to(dtype)


def qkv(Tq: int, Tk: int, D: int = 4, Dv: int = 3, *, dtype: torch.dtype = F64) -> tuple[Tensor, ...]:
    return (
        rand(2, 2, Tq, D, seed=1, dtype=dtype),
        rand(2, 2, Tk, D, seed=2, dtype=dtype),
        rand(2, 2, Tk, Dv, seed=3, dtype=dtype),
    )


def dense(
    q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False, scale: float | None = None
) -> tuple[Tensor, Tensor]:
    """Attention row by row in loops, with the whole row of scores at once."""
    Tq, Tk = q.shape[2], k.shape[2]
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    rows, lses = [], []
    for i in range(Tq):
        seen = max(0, min(Tk, i + Tk - Tq + 1)) if causal else Tk
        scores = (k[:, :, :seen] @ q[:, :, i, :, None])[..., 0] * scale  # (B, H, seen)
        rows.append((scores.softmax(-1)[..., None, :] @ v[:, :, :seen])[..., 0, :])
        lses.append(scores.logsumexp(-1))
    return torch.stack(rows, dim=2), torch.stack(lses, dim=2)


# Softmax in one pass


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100])
@pytest.mark.parametrize("shape", [(7,), (3, 8), (2, 1, 5), (4, 1)])
def test_softmax_equals_torchs(fa: ModuleType, shape: tuple[int, ...], size: int) -> None:
    x = 10 * rand(*shape)
    torch.testing.assert_close(fa.online_softmax(x, block_size=size), x.softmax(-1), atol=1e-14, rtol=1e-13)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_softmax_allows_minus_infinity_anywhere(fa: ModuleType, size: int) -> None:
    x = rand(6, 5)
    for row, columns in enumerate(([], [0], [0, 1], [4], [0, 1, 2, 3], [2])):
        x[row, columns] = -math.inf
    torch.testing.assert_close(fa.online_softmax(x, block_size=size), x.softmax(-1), atol=1e-14, rtol=1e-13)


def test_softmax_of_nothing_is_zero(fa: ModuleType) -> None:
    assert fa.online_softmax(torch.full((2, 3), -math.inf), block_size=2).tolist() == [[0, 0, 0]] * 2
    assert fa.online_softmax(torch.zeros(2, 0)).shape == (2, 0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_softmax_is_computed_wide_and_rounded_once(fa: ModuleType, dtype: torch.dtype) -> None:
    x = (30 * rand(4, 50)).to(dtype)
    got = fa.online_softmax(x, block_size=8)
    assert got.dtype == dtype
    torch.testing.assert_close(got, x.double().softmax(-1).to(dtype), atol=1e-6, rtol=1e-2)


def test_softmax_survives_large_scores(fa: ModuleType) -> None:
    assert fa.online_softmax(torch.tensor([1e4, 1e4, -1e4]), block_size=1).tolist() == [0.5, 0.5, 0]


def test_softmax_has_torchs_gradient(fa: ModuleType) -> None:
    x, weight = rand(3, 7).requires_grad_(), rand(3, 7, seed=1)
    (got,) = torch.autograd.grad((fa.online_softmax(x, block_size=3) * weight).sum(), x)
    (expected,) = torch.autograd.grad((x.softmax(-1) * weight).sum(), x)
    torch.testing.assert_close(got, expected, atol=1e-13, rtol=0)


def test_softmax_refuses_bad_calls(fa: ModuleType) -> None:
    for size in (0, -1):
        with pytest.raises(ValueError, match="block_size"):
            fa.online_softmax(rand(3), block_size=size)
    with pytest.raises(TypeError, match="x must"):
        fa.online_softmax(torch.ones(3, dtype=torch.int64))
    with pytest.raises(ValueError, match="x must"):
        fa.online_softmax(torch.tensor(1.0))


@pytest.mark.parametrize("powers", [[1, 3, 2], [0, 0, 0], [5, 4, 3], [0, 1, 2, 5]])
def test_running_sums_equal_sums_over_prefixes(fa: ModuleType, powers: list[int]) -> None:
    prefixes = [powers[: n + 1] for n in range(len(powers))]
    expected = [sum(2.0 ** (power - max(prefix)) for power in prefix) for prefix in prefixes]
    assert fa.running_sums(powers) == pytest.approx(expected, rel=1e-15)


def test_running_sums_by_hand(fa: ModuleType) -> None:
    assert fa.running_sums([1, 3, 2]) == [1, 1.25, 1.75]


# Updates and merging


def test_updates_give_the_sums_over_all_keys(fa: ModuleType) -> None:
    scores, values = 3 * rand(2, 4, 11), rand(2, 11, 3, seed=1)
    scores[0, 0, :4] = scores[1, 2] = -math.inf
    m = torch.full((2, 4), -math.inf, dtype=F64)
    state = m, torch.zeros_like(m), m.new_zeros(2, 4, 3)
    for columns in (slice(0, 1), slice(1, 4), slice(4, 11)):
        state = fa.online_update(*state, scores[..., columns], values[:, columns])
    m, total, out = state
    assert torch.equal(m, scores.amax(-1))
    shifted = (scores - m.masked_fill(m.isinf(), 0)[..., None]).exp()
    torch.testing.assert_close(total, shifted.sum(-1), atol=1e-13, rtol=0)
    torch.testing.assert_close(out, shifted @ values, atol=1e-13, rtol=0)
    assert total[1, 2] == 0
    assert out[1, 2].tolist() == [0, 0, 0]


@pytest.mark.parametrize("cut", range(8))
def test_merged_parts_equal_the_whole(fa: ModuleType, cut: int) -> None:
    q, k, v = qkv(3, 7)
    first = fa.flash_attention(q, k[:, :, :cut], v[:, :, :cut], return_lse=True)
    second = fa.flash_attention(q, k[:, :, cut:], v[:, :, cut:], return_lse=True)
    out, lse = fa.merge_partials(*first, *second)
    expected, expected_lse = dense(q, k, v)
    torch.testing.assert_close(out, expected, atol=1e-13, rtol=0)
    torch.testing.assert_close(lse, expected_lse, atol=1e-13, rtol=0)


def test_merging_knows_no_order(fa: ModuleType) -> None:
    parts = [(rand(5, 3, seed=seed), 5 * rand(5, seed=seed + 10)) for seed in range(3)]
    parts[1][1][2] = -math.inf
    merged = []
    for a, b, c in itertools.permutations(parts):
        merged.append(fa.merge_partials(*fa.merge_partials(*a, *b), *c))
        merged.append(fa.merge_partials(*a, *fa.merge_partials(*b, *c)))
    for out, lse in merged:
        torch.testing.assert_close(out, merged[0][0], atol=1e-13, rtol=0)
        torch.testing.assert_close(lse, merged[0][1], atol=1e-13, rtol=0)


def test_merging_by_hand(fa: ModuleType) -> None:
    o1, o2 = torch.tensor([2.0], dtype=F64), torch.tensor([6.0], dtype=F64)
    lse1, lse2 = torch.tensor(3.0, dtype=F64).log(), torch.tensor(0.0, dtype=F64)
    out, lse = fa.merge_partials(o1, lse1, o2, lse2)
    assert out.item() == pytest.approx(3.0)
    assert lse.item() == pytest.approx(math.log(4))


def test_empty_parts_are_neutral(fa: ModuleType) -> None:
    o, lse = rand(4, 2), 900 * rand(4)
    nothing, never = torch.zeros(4, 2, dtype=F64), torch.full((4,), -math.inf, dtype=F64)
    for merged in (fa.merge_partials(o, lse, nothing, never), fa.merge_partials(nothing, never, o, lse)):
        assert torch.equal(merged[0], o)
        assert torch.equal(merged[1], lse)
    out, total = fa.merge_partials(nothing, never, nothing, never)
    assert torch.equal(out, nothing)
    assert torch.equal(total, never)


def test_merging_keeps_the_dtype_of_the_outputs(fa: ModuleType) -> None:
    out, lse = fa.merge_partials(rand(4, 2).half(), rand(4).float(), rand(4, 2).half(), rand(4).float())
    assert (out.dtype, lse.dtype) == (torch.float16, torch.float32)


@pytest.mark.parametrize(
    "shapes", [((4, 2), (4,), (4, 3), (4,)), ((4, 2), (3,), (4, 2), (4,)), ((4, 2), (4, 1)) * 2]
)
def test_merging_refuses_parts_that_do_not_fit(fa: ModuleType, shapes: Any) -> None:
    with pytest.raises(ValueError, match="o1 and o2"):
        fa.merge_partials(*(torch.zeros(shape) for shape in shapes))


# Forward


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("lengths", [(1, 1), (7, 7), (5, 9), (9, 5), (1, 8), (8, 1)])
@pytest.mark.parametrize("blocks", [(1, 1), (2, 3), (4, 2), (64, 64)])
def test_attention_equals_loops_over_rows(
    fa: ModuleType, lengths: tuple[int, int], blocks: tuple[int, int], causal: bool
) -> None:
    q, k, v = qkv(*lengths)
    sizes = {"block_q": blocks[0], "block_k": blocks[1]}
    out, lse = fa.flash_attention(q, k, v, causal=causal, return_lse=True, **sizes)
    expected, expected_lse = dense(q, k, v, causal=causal)
    torch.testing.assert_close(out, expected, atol=1e-13, rtol=0)
    torch.testing.assert_close(lse, expected_lse, atol=1e-13, rtol=0)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_equals_torchs(fa: ModuleType, causal: bool) -> None:
    q, k, v = qkv(37, 37, 8, 8)
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    got = fa.flash_attention(q, k, v, causal=causal, block_q=10, block_k=16)
    torch.testing.assert_close(got, expected, atol=1e-13, rtol=0)


def test_the_scale_can_be_chosen(fa: ModuleType) -> None:
    q, k, v = qkv(5, 6)
    torch.testing.assert_close(fa.flash_attention(q, k, v, scale=2.5), dense(q, k, v, scale=2.5)[0])
    torch.testing.assert_close(
        fa.flash_attention(q, k, v, scale=0.0), v.mean(2, keepdim=True).expand(2, 2, 5, 3)
    )


def test_rows_without_keys_are_zero(fa: ModuleType) -> None:
    q, k, v = qkv(6, 2)
    out, lse = fa.flash_attention(q, k, v, causal=True, block_q=3, return_lse=True)
    assert bool((out[:, :, :4] == 0).all())
    assert bool((lse[:, :, :4] == -math.inf).all())
    assert bool(out[:, :, 4:].ne(0).any())
    out, lse = fa.flash_attention(q, k[:, :, :0], v[:, :, :0], return_lse=True)
    assert bool((out == 0).all())
    assert bool((lse == -math.inf).all())
    out, lse = fa.flash_attention(q[:, :, :0], k, v, return_lse=True)
    assert (out.shape, lse.shape) == ((2, 2, 0, 3), (2, 2, 0))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_sums_are_wide_and_outputs_are_rounded_once(fa: ModuleType, dtype: torch.dtype) -> None:
    q, k, v = qkv(20, 300, dtype=dtype)
    out, lse = fa.flash_attention(q, k, v, return_lse=True, block_k=7)
    expected, expected_lse = dense(q.double(), k.double(), v.double())
    assert (out.dtype, lse.dtype) == (dtype, torch.float32)
    torch.testing.assert_close(out, expected.to(dtype), atol=2e-6, rtol=torch.finfo(dtype).eps)
    torch.testing.assert_close(lse.double(), expected_lse, atol=1e-5, rtol=0)


class Largest(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes how many elements the largest tensor had that any operation returned."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.elements = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for x in result if isinstance(result, tuple | list) else [result]:
            if isinstance(x, Tensor):
                self.elements = max(self.elements, x.numel())
        return result


@pytest.mark.parametrize("causal", [False, True])
def test_no_tensor_comes_near_the_matrix_of_scores(fa: ModuleType, causal: bool) -> None:
    q, k, v = (rand(1, 1, 400, 4, seed=seed) for seed in range(3))
    with Largest() as largest:
        out, lse = fa.flash_attention(q, k, v, block_q=32, block_k=16, causal=causal, return_lse=True)
        fa.flash_attention_backward(q, k, v, out, lse, out, block_q=32, block_k=16, causal=causal)
    assert 0 < largest.elements <= 400 * 4
    with Largest() as largest:
        F.scaled_dot_product_attention(q, k, v)
        (q @ k.mT).softmax(-1)
    assert largest.elements == 400 * 400


def test_causal_tiles_above_the_diagonal_are_not_touched(fa: ModuleType) -> None:
    q, k, v = qkv(8, 8)
    k[:, :, 4:], v[:, :, 4:] = math.nan, math.nan
    out = fa.flash_attention(q, k, v, causal=True, block_q=4, block_k=4)
    assert bool(out[:, :, :4].isfinite().all())


def test_attention_refuses_bad_calls(fa: ModuleType) -> None:
    q, k, v = qkv(3, 4)
    for arguments in ((q[0], k, v), (q, k[:1], v), (q, k[..., :2], v), (q, k, v[:, :, :2]), (q, k, v[:, :1])):
        with pytest.raises(ValueError, match="q, k and v"):
            fa.flash_attention(*arguments)
    for sizes in ({"block_q": 0}, {"block_k": 0}, {"block_q": -3}):
        with pytest.raises(ValueError, match="block_q"):
            fa.flash_attention(q, k, v, **sizes)
    with pytest.raises(TypeError, match="floating"):
        fa.flash_attention(q.long(), k, v)


# Backward


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("lengths", [(7, 7), (5, 9), (9, 5), (1, 6)])
@pytest.mark.parametrize("blocks", [(1, 2), (3, 4), (64, 64)])
def test_gradients_equal_autograd_of_torchs_attention(
    fa: ModuleType, lengths: tuple[int, int], blocks: tuple[int, int], causal: bool
) -> None:
    Tq, Tk = lengths
    q, k, v = (x.requires_grad_() for x in qkv(*lengths))
    grad_out = rand(2, 2, Tq, 3, seed=4)
    mask = torch.ones(Tq, Tk, dtype=torch.bool).tril(Tk - Tq) if causal else None
    seen = slice(max(0, Tq - Tk), None) if causal else slice(None)  # rows that see a key at all
    expected_out = F.scaled_dot_product_attention(
        q[:, :, seen], k, v, attn_mask=None if mask is None else mask[seen]
    )
    expected = torch.autograd.grad((expected_out * grad_out[:, :, seen]).sum(), (q, k, v))
    sizes: dict[str, Any] = {"block_q": blocks[0], "block_k": blocks[1], "causal": causal}
    with torch.no_grad():
        out, lse = fa.flash_attention(q, k, v, return_lse=True, **sizes)
        got = fa.flash_attention_backward(q, k, v, out, lse, grad_out, **sizes)
    for mine, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-12, rtol=0)


def test_gradients_with_a_scale_equal_those_of_the_forward_tiles(fa: ModuleType) -> None:
    q, k, v = (x.requires_grad_() for x in qkv(5, 6))
    grad_out = rand(2, 2, 5, 3, seed=4)
    out, lse = fa.flash_attention(q, k, v, scale=0.3, block_k=4, return_lse=True)
    expected = torch.autograd.grad(out, (q, k, v), grad_out)
    with torch.no_grad():
        got = fa.flash_attention_backward(q, k, v, out, lse, grad_out, scale=0.3, block_q=2)
    for mine, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-12, rtol=0)


def test_one_tile_is_the_whole_gradient(fa: ModuleType) -> None:
    q, k, v, grad_out = rand(3, 4), rand(5, 4, seed=1), rand(5, 2, seed=2), rand(3, 2, seed=3)
    inputs = [x.requires_grad_() for x in (q, k, v)]
    scores = q @ k.T * 0.5
    out = scores.softmax(-1) @ v
    expected = torch.autograd.grad(out, inputs, grad_out)
    delta = (out * grad_out).sum(-1)
    got = fa.tile_gradients(q, k, v, scores.logsumexp(-1), delta, grad_out, scale=0.5)
    for mine, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-13, rtol=0)


def test_gradients_keep_dtypes(fa: ModuleType) -> None:
    q, k, v = qkv(4, 5, dtype=torch.float16)
    out, lse = fa.flash_attention(q, k, v, return_lse=True)
    got = fa.flash_attention_backward(q, k, v, out, lse, torch.ones_like(out))
    wide = fa.flash_attention_backward(
        *(x.double() for x in (q, k, v, out, lse)), torch.ones_like(out).double()
    )
    for mine, theirs in zip(got, wide, strict=True):
        assert mine.dtype == torch.float16
        torch.testing.assert_close(mine.double(), theirs, atol=2e-3, rtol=2e-3)


def test_backward_refuses_bad_calls(fa: ModuleType) -> None:
    q, k, v = qkv(3, 4)
    out, lse = fa.flash_attention(q, k, v, return_lse=True)
    cases = [
        ("out", (q, k, v, out[..., :1], lse, out[..., :1])),
        ("out", (q, k, v, out, lse, out[:, :, :1])),
        ("lse", (q, k, v, out, lse[..., None], out)),
        ("q, k and v", (q, k[:1], v, out, lse, out)),
    ]
    for named, arguments in cases:
        with pytest.raises(ValueError, match=named):
            fa.flash_attention_backward(*arguments)
    with pytest.raises(ValueError, match="block_k"):
        fa.flash_attention_backward(q, k, v, out, lse, out, block_k=0)


# Both


def test_the_inputs_stay_as_they_are(fa: ModuleType) -> None:
    inputs = qkv(5, 5)
    copies = [x.clone() for x in inputs]
    out, lse = fa.flash_attention(*inputs, causal=True, return_lse=True)
    before = out.clone(), lse.clone()
    fa.flash_attention_backward(*inputs, out, lse, out, causal=True)
    fa.merge_partials(out, lse, out, lse)
    fa.online_softmax(lse)
    assert all(torch.equal(a, b) for a, b in zip((*inputs, out, lse), (*copies, *before), strict=True))


def test_results_live_where_the_inputs_live(fa: ModuleType) -> None:
    q, k, v = (x.to("meta") for x in qkv(5, 6))
    out, lse = fa.flash_attention(q, k, v, causal=True, block_k=2, return_lse=True)
    gradients = fa.flash_attention_backward(q, k, v, out, lse, out, causal=True)
    assert {x.device.type for x in (out, lse, *gradients, fa.online_softmax(lse))} == {"meta"}


# Traffic


def counted(n: int, d: int, sram: int) -> int:
    """Follow the loops of the paper's algorithm 1 and add up what is read and written."""
    moved = 0
    block_k = math.ceil(sram / (4 * d))
    block_q = min(block_k, d)
    for left in range(0, n, block_k):
        columns = min(n, left + block_k) - left
        moved += 2 * columns * d  # K, V
        for top in range(0, n, block_q):
            rows = min(n, top + block_q) - top
            moved += rows * (d + d + 1 + 1)  # Q, O, m, l in
            moved += rows * (d + 1 + 1)  # O, m, l out
    return moved


@pytest.mark.parametrize(
    ("n", "d", "sram"), [(1024, 64, 51_200), (10, 2, 8), (10, 2, 9), (7, 3, 1000), (1, 1, 4)]
)
def test_traffic_equals_the_loops_of_the_paper(fa: ModuleType, n: int, d: int, sram: int) -> None:
    assert fa.hbm_elements(n, d, sram) == counted(n, d, sram)


def test_traffic_by_hand(fa: ModuleType) -> None:
    assert fa.hbm_elements(1024, 64, 51_200) == 1_335_296
    assert fa.hbm_elements(1024, 64, 51_200, kind="standard") == 4_456_448
    assert fa.hbm_elements(3, 2, 0, kind="standard") == 24 + 36


def test_most_traffic_of_the_standard_way_is_the_matrices(fa: ModuleType) -> None:
    matrices = 4 * 1024**2
    assert round(matrices / fa.hbm_elements(1024, 64, 0, kind="standard"), 2) == 0.94


def test_the_saving_tends_to_its_limit(fa: ModuleType) -> None:
    n = 200 * 10_000
    ratio = fa.hbm_elements(n, 64, 51_200, kind="standard") / fa.hbm_elements(n, 64, 51_200)
    assert ratio == pytest.approx(51_200 / (3 * 64**2 + 4 * 64), rel=1e-3)
    assert ratio == pytest.approx(51_200 / (3 * 64**2), rel=0.03)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((8, 4, 15), "sram"),
        ((0, 4, 64), "n and d"),
        ((8, 0, 64), "n and d"),
    ],
)
def test_traffic_refuses_bad_sizes(fa: ModuleType, arguments: tuple[int, int, int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        fa.hbm_elements(*arguments)
    with pytest.raises(ValueError, match="kind"):
        fa.hbm_elements(8, 4, 64, kind="ring")


# The claim


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(fa: ModuleType, seed: int) -> None:
    result = fa.claim(seed)
    assert result["passed"] is True
    assert result == fa.claim(seed)
    measured = result["measured"]
    assert list(measured) == ["max_error", "finite", "naive_finite", "io_ratio"]
    assert all(type(value) is float for value in measured.values())
    assert measured["max_error"] < 1e-12
    assert (measured["finite"], measured["naive_finite"]) == (1, 0)
    assert measured["io_ratio"] == pytest.approx(3.34, abs=0.005)


def test_main_is_short(fa: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    fa.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_shows_where_tiles_win(fa: ModuleType) -> None:
    standard, flash = fa.picture().values()
    assert len(standard) == len(flash) == 64
    assert standard[-1] > 3 * flash[-1]
