"""Position encodings against loops over their formulas, torch's own attention, and hand-worked numbers."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
F64 = torch.float64


@pytest.fixture(scope="module")
def pe(load_snippet: Loader) -> ModuleType:
    return load_snippet("transformer/position_encoding")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64).to(dtype)


def clip(x: int, low: int, high: int) -> int:
    return max(low, min(high, x))


# sinusoidal_encoding


@pytest.mark.parametrize(("length", "dim", "base"), [(1, 2, 10000.0), (7, 6, 10000.0), (300, 16, 500.0)])
def test_sinusoids_are_the_formula(pe: ModuleType, length: int, dim: int, base: float) -> None:
    table = pe.sinusoidal_encoding(length, dim, base, dtype=F64)
    for p in range(length):
        for i in range(dim // 2):
            angle = p / base ** (2 * i / dim)
            assert table[p, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-12)
            assert table[p, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-12)


def test_sinusoids_of_width_four_by_hand(pe: ModuleType) -> None:
    row = pe.sinusoidal_encoding(3, 4)[2]
    torch.testing.assert_close(
        row, torch.tensor([0.909297, -0.416147, 0.019999, 0.999800]), atol=1e-6, rtol=0
    )


def test_half_layout_holds_the_same_waves_in_another_order(pe: ModuleType) -> None:
    interleaved = pe.sinusoidal_encoding(9, 8, dtype=F64)
    half = pe.sinusoidal_encoding(9, 8, layout="half", dtype=F64)
    assert torch.equal(half, torch.cat([interleaved[:, 0::2], interleaved[:, 1::2]], dim=1))


def test_sinusoids_are_rounded_once(pe: ModuleType) -> None:
    exact = pe.sinusoidal_encoding(5000, 8, dtype=F64)
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        assert torch.equal(pe.sinusoidal_encoding(5000, 8, dtype=dtype), exact.to(dtype))
    assert pe.sinusoidal_encoding(3, 4).dtype == torch.float32


def test_a_step_is_a_rotation_that_forgets_the_position(pe: ModuleType) -> None:
    table = pe.sinusoidal_encoding(40, 6, dtype=F64)
    waves = torch.complex(table[:, 1::2], table[:, 0::2])  # cos + i sin
    steps = waves[7:] / waves[:-7]
    torch.testing.assert_close(steps, steps[:1].expand_as(steps), atol=1e-12, rtol=0)
    torch.testing.assert_close(steps.abs(), torch.ones_like(steps.abs()), atol=1e-12, rtol=0)


def test_no_position_is_an_empty_table(pe: ModuleType) -> None:
    assert pe.sinusoidal_encoding(0, 4).shape == (0, 4)


@pytest.mark.parametrize(
    ("arguments", "options", "named"),
    [
        ((3, 5), {}, "dim"),
        ((3, 0), {}, "dim"),
        ((3, -2), {}, "dim"),
        ((-1, 4), {}, "length"),
        ((3, 4, 0.0), {}, "base"),
        ((3, 4), {"layout": "both"}, "layout"),
    ],
)
def test_sinusoids_refuse_bad_values(
    pe: ModuleType, arguments: tuple[float, ...], options: dict[str, str], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        pe.sinusoidal_encoding(*arguments, **options)


def test_sinusoids_refuse_an_integer_dtype(pe: ModuleType) -> None:
    with pytest.raises(TypeError, match="dtype"):
        pe.sinusoidal_encoding(3, 4, dtype=torch.int64)


# relative_positions and T5


def test_relative_positions_are_key_minus_query(pe: ModuleType) -> None:
    assert pe.relative_positions(3, 3).tolist() == [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]
    assert pe.relative_positions(2, 4).tolist() == [[-2, -1, 0, 1], [-3, -2, -1, 0]]
    assert pe.relative_positions(0, 2).shape == (0, 2)
    assert pe.relative_positions(1, 1).dtype == torch.int64


@pytest.mark.parametrize(("tq", "tk"), [(3, 2), (-1, 2)])
def test_relative_positions_refuse_more_queries_than_positions(pe: ModuleType, tq: int, tk: int) -> None:
    with pytest.raises(ValueError, match="tq"):
        pe.relative_positions(tq, tk)


def bucket_in_integers(offset: int, bidirectional: bool, num_buckets: int, max_distance: int) -> int:
    """T5's bucket without a logarithm: (d/e)^N >= (M/e)^b is an inequality between integers."""
    n = num_buckets // 2 if bidirectional else num_buckets
    start = n if bidirectional and offset > 0 else 0
    distance = abs(offset) if bidirectional else max(-offset, 0)
    exact, extra = n // 2, 0
    if distance < exact:
        return start + distance
    rest = n - exact
    while distance**rest * exact ** (extra + 1) >= max_distance ** (extra + 1) * exact**rest:
        extra += 1
    return start + min(exact + extra, n - 1)


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize(
    ("num_buckets", "max_distance"), [(32, 128), (64, 256), (10, 20), (6, 13), (20, 100)]
)
def test_buckets_equal_exact_integer_arithmetic(
    pe: ModuleType, bidirectional: bool, num_buckets: int, max_distance: int
) -> None:
    offsets = torch.arange(-400, 401)
    got = pe.t5_relative_bucket(
        offsets, bidirectional=bidirectional, num_buckets=num_buckets, max_distance=max_distance
    )
    expected = [
        bucket_in_integers(offset, bidirectional, num_buckets, max_distance) for offset in offsets.tolist()
    ]
    assert got.tolist() == expected


def test_buckets_by_hand(pe: ModuleType) -> None:
    offsets = torch.tensor([[-20, 20, 0, 1], [-7, -8, -90, -91]])
    assert pe.t5_relative_bucket(offsets).tolist() == [[10, 26, 0, 17], [7, 8, 14, 15]]
    causal = pe.t5_relative_bucket(offsets, bidirectional=False)
    assert causal.tolist() == [[17, 0, 0, 0], [7, 8, 29, 29]]
    assert causal.dtype == torch.int64


def test_very_far_keys_share_the_last_bucket(pe: ModuleType) -> None:
    far = torch.tensor([-(10**15), 10**15])
    assert pe.t5_relative_bucket(far).tolist() == [15, 31]
    assert pe.t5_relative_bucket(far, bidirectional=False).tolist() == [31, 0]


def test_buckets_keep_any_shape(pe: ModuleType) -> None:
    assert pe.t5_relative_bucket(torch.tensor(-20)).shape == ()
    assert pe.t5_relative_bucket(torch.zeros(2, 0, 3, dtype=torch.int64)).shape == (2, 0, 3)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"num_buckets": 31}, "num_buckets"),
        ({"num_buckets": 2}, "num_buckets"),
        ({"num_buckets": 1, "bidirectional": False}, "num_buckets"),
        ({"max_distance": 8}, "max_distance"),
    ],
)
def test_buckets_refuse_impossible_sizes(pe: ModuleType, options: dict[str, int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        pe.t5_relative_bucket(torch.tensor([1]), **options)


def test_buckets_refuse_floating_distances(pe: ModuleType) -> None:
    with pytest.raises(TypeError, match="relative_position"):
        pe.t5_relative_bucket(torch.tensor([1.0]))


# Shaw


def shaw_by_loops(
    q: Tensor, k: Tensor, v: Tensor, rel_k: Tensor, rel_v: Tensor | None, K: int, mask: Tensor | None
) -> Tensor:
    B, H, T, D = q.shape
    allowed = torch.ones(B, H, T, T, dtype=torch.bool) if mask is None else mask.expand(B, H, T, T)
    out = torch.zeros_like(q)
    for b in range(B):
        for h in range(H):
            for i in range(T):
                keys = [j for j in range(T) if allowed[b, h, i, j]]
                rows = [K + clip(j - i, -K, K) for j in keys]
                scores = [q[b, h, i] @ (k[b, h, j] + rel_k[row]) for j, row in zip(keys, rows, strict=True)]
                weights = (torch.stack(scores) / math.sqrt(D)).softmax(0)
                for weight, j, row in zip(weights, keys, rows, strict=True):
                    out[b, h, i] += weight * (v[b, h, j] + (0 if rel_v is None else rel_v[row]))
    return out


@pytest.mark.parametrize("K", [0, 1, 3, 10])
@pytest.mark.parametrize("with_values", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_shaw_equals_loops_over_the_formula(pe: ModuleType, K: int, with_values: bool, masked: bool) -> None:
    q, k, v = rand(3, 2, 2, 6, 3)
    rel_k, rel_v = rand(2, 2 * K + 1, 3, seed=1)
    mask = torch.ones(6, 6, dtype=torch.bool).tril() if masked else None
    table = rel_v if with_values else None
    got = pe.shaw_attention(q, k, v, rel_k, table, max_distance=K, mask=mask)
    torch.testing.assert_close(got, shaw_by_loops(q, k, v, rel_k, table, K, mask), atol=1e-12, rtol=1e-12)


def test_shaw_without_distances_is_plain_attention(pe: ModuleType) -> None:
    q, k, v = rand(3, 2, 3, 5, 4)
    mask = torch.rand(2, 1, 5, 5, generator=torch.Generator().manual_seed(3)) < 0.5
    mask |= torch.eye(5, dtype=torch.bool)
    got = pe.shaw_attention(q, k, v, torch.zeros(5, 4, dtype=F64), max_distance=2, mask=mask)
    torch.testing.assert_close(
        got, F.scaled_dot_product_attention(q, k, v, attn_mask=mask), atol=1e-12, rtol=0
    )


def test_shaw_is_differentiable_in_everything(pe: ModuleType) -> None:
    inputs = [rand(1, 2, 3, 2, seed=s).requires_grad_() for s in range(3)]
    tables = [rand(3, 2, seed=s).requires_grad_() for s in (4, 5)]
    assert torch.autograd.gradcheck(
        lambda q, k, v, a, b: pe.shaw_attention(q, k, v, a, b, max_distance=1), [*inputs, *tables]
    )


def test_shaw_refuses_bad_shapes(pe: ModuleType) -> None:
    q = rand(1, 1, 4, 2)
    good, short = rand(5, 2), rand(4, 2)
    cases: list[tuple[str, tuple[Tensor, ...], dict[str, Any]]] = [
        ("rel_k", (q, q, q, short), {"max_distance": 2}),
        ("rel_v", (q, q, q, good, short), {"max_distance": 2}),
        ("rel_k", (q, q, q, rand(5, 3)), {"max_distance": 2}),
        ("k must", (q, q[:, :, :3], q, good), {"max_distance": 2}),
        ("v must", (q, q, q[:, :, :3], good), {"max_distance": 2}),
        ("q must", (q[0], q[0], q[0], good), {"max_distance": 2}),
        ("max_distance", (q, q, q, good), {"max_distance": -1}),
        ("mask", (q, q, q, good), {"max_distance": 2, "mask": torch.ones(3, 4, dtype=torch.bool)}),
        ("mask", (q, q, q, good), {"max_distance": 2, "mask": torch.ones(1, 1, 1, 4, 4, dtype=torch.bool)}),
    ]
    for named, arguments, options in cases:
        with pytest.raises(ValueError, match=named):
            pe.shaw_attention(*arguments, **options)
    with pytest.raises(TypeError, match="mask"):
        pe.shaw_attention(q, q, q, good, max_distance=2, mask=torch.ones(4, 4))
    with pytest.raises(TypeError, match="q must"):
        pe.shaw_attention(q.long(), q, q, good, max_distance=2)


# Transformer-XL


@pytest.mark.parametrize("T", [1, 2, 3, 6])
def test_rel_shift_puts_every_distance_in_its_place(pe: ModuleType, T: int) -> None:
    x = rand(2, 3, T, 2 * T - 1)
    got = pe.rel_shift(x)
    assert got.shape == (2, 3, T, T)
    for i in range(T):
        for j in range(T):
            assert torch.equal(got[..., i, j], x[..., i, T - 1 - (i - j)])


def test_rel_shift_takes_integers_and_strided_inputs(pe: ModuleType) -> None:
    x = torch.arange(2 * 3 * 5).reshape(1, 2, 5, 3).mT
    assert torch.equal(pe.rel_shift(x), pe.rel_shift(x.contiguous()))


@pytest.mark.parametrize("shape", [(1, 1, 3, 6), (1, 1, 3, 3), (3, 5), (1, 3, 5)])
def test_rel_shift_refuses_other_shapes(pe: ModuleType, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="x must"):
        pe.rel_shift(torch.zeros(shape))


def test_transformer_xl_equals_loops_over_the_formula(pe: ModuleType) -> None:
    B, H, T, D = 2, 2, 5, 3
    q, k = rand(2, B, H, T, D)
    r, u, v = rand(H, 2 * T - 1, D, seed=1), rand(H, D, seed=2), rand(H, D, seed=3)
    expected = torch.zeros(B, H, T, T, dtype=F64)
    for h in range(H):
        for i in range(T):
            for j in range(T):
                distance = r[h, T - 1 - (i - j)]
                content = (q[:, h, i] + u[h]) * k[:, h, j] + (q[:, h, i] + v[h]) * distance
                expected[:, h, i, j] = content.sum(-1) / math.sqrt(D)
    torch.testing.assert_close(pe.transformer_xl_scores(q, k, r, u, v), expected, atol=1e-12, rtol=1e-12)


def test_transformer_xl_is_differentiable_in_everything(pe: ModuleType) -> None:
    shapes = [(1, 2, 3, 2), (1, 2, 3, 2), (2, 5, 2), (2, 2), (2, 2)]
    inputs = [rand(*shape, seed=s).requires_grad_() for s, shape in enumerate(shapes)]
    assert torch.autograd.gradcheck(pe.transformer_xl_scores, inputs)


@pytest.mark.parametrize("named", ["k", "r", "u", "v"])
def test_transformer_xl_refuses_bad_shapes(pe: ModuleType, named: str) -> None:
    arguments = {
        "q": rand(1, 2, 3, 4),
        "k": rand(1, 2, 3, 4),
        "r": rand(2, 5, 4),
        "u": rand(2, 4),
        "v": rand(2, 4),
    }
    arguments[named] = arguments[named][:1, :1]
    with pytest.raises(ValueError, match=f"^{named} must"):
        pe.transformer_xl_scores(**arguments)


# DeBERTa


@pytest.mark.parametrize("K", [1, 2, 4, 9])
def test_deberta_equals_loops_over_the_paper(pe: ModuleType, K: int) -> None:
    B, H, T, D = 2, 2, 6, 3
    q, k = rand(2, B, H, T, D)
    q_r, k_r = rand(2, H, 2 * K, D, seed=1)
    expected = torch.zeros(B, H, T, T, dtype=F64)
    for b in range(B):
        for h in range(H):
            for i in range(T):
                for j in range(T):
                    ij, ji = clip(i - j + K, 0, 2 * K - 1), clip(j - i + K, 0, 2 * K - 1)
                    total = q[b, h, i] @ k[b, h, j] + q[b, h, i] @ k_r[h, ij] + k[b, h, j] @ q_r[h, ji]
                    expected[b, h, i, j] = total / math.sqrt(3 * D)
    got = pe.deberta_disentangled_scores(q, k, q_r, k_r, max_distance=K)
    torch.testing.assert_close(got, expected, atol=1e-12, rtol=1e-12)


def test_deberta_is_differentiable_in_everything(pe: ModuleType) -> None:
    shapes = [(1, 2, 3, 2), (1, 2, 3, 2), (2, 4, 2), (2, 4, 2)]
    inputs = [rand(*shape, seed=s).requires_grad_() for s, shape in enumerate(shapes)]
    assert torch.autograd.gradcheck(
        lambda q, k, a, b: pe.deberta_disentangled_scores(q, k, a, b, max_distance=2), inputs
    )


def test_deberta_refuses_bad_tables(pe: ModuleType) -> None:
    q, table = rand(1, 2, 3, 4), rand(2, 6, 4)
    for named, q_r, k_r, K in [
        ("q_r", rand(2, 7, 4), table, 3),
        ("k_r", table, rand(2, 7, 4), 3),
        ("k_r", table, rand(6, 4), 3),
        ("max_distance", rand(2, 0, 4), rand(2, 0, 4), 0),
    ]:
        with pytest.raises(ValueError, match=named):
            pe.deberta_disentangled_scores(q, q, q_r, k_r, max_distance=K)
    with pytest.raises(ValueError, match="k must"):
        pe.deberta_disentangled_scores(q, q[:, :1], table, table, max_distance=3)


# All of them


def calls(pe: ModuleType, dtype: torch.dtype) -> dict[str, tuple[Callable[..., Tensor], list[Tensor]]]:
    q, k, v = (rand(2, 2, 4, 4, seed=s, dtype=dtype) for s in range(3))
    tables = [rand(5, 4, seed=s, dtype=dtype) for s in (4, 5)]
    r, u, w = (
        rand(2, 7, 4, seed=6, dtype=dtype),
        rand(2, 4, seed=7, dtype=dtype),
        rand(2, 4, seed=8, dtype=dtype),
    )
    q_r, k_r = (rand(2, 4, 4, seed=s, dtype=dtype) for s in (9, 10))
    return {
        "shaw": (lambda *x: pe.shaw_attention(*x, max_distance=2), [q, k, v, *tables]),
        "rel_shift": (pe.rel_shift, [rand(1, 2, 4, 7, dtype=dtype)]),
        "xl": (pe.transformer_xl_scores, [q, k, r, u, w]),
        "deberta": (lambda *x: pe.deberta_disentangled_scores(*x, max_distance=2), [q, k, q_r, k_r]),
    }


@pytest.mark.parametrize("name", ["shaw", "rel_shift", "xl", "deberta"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_computed_in_float32_and_rounded_once(
    pe: ModuleType, name: str, dtype: torch.dtype
) -> None:
    function, inputs = calls(pe, dtype)[name]
    assert torch.equal(function(*inputs), function(*(x.float() for x in inputs)).to(dtype))


@pytest.mark.parametrize("name", ["shaw", "rel_shift", "xl", "deberta"])
def test_the_inputs_stay_as_they_are(pe: ModuleType, name: str) -> None:
    function, inputs = calls(pe, F64)[name]
    copies = [x.clone() for x in inputs]
    first = function(*inputs)
    first.add_(1)  # the result is not a view of an input
    assert all(torch.equal(x, copy) for x, copy in zip(inputs, copies, strict=True))


@pytest.mark.parametrize("name", ["shaw", "rel_shift", "xl", "deberta"])
def test_results_live_where_the_inputs_live(pe: ModuleType, name: str) -> None:
    function, inputs = calls(pe, torch.float32)[name]
    assert function(*(x.to("meta") for x in inputs)).device.type == "meta"


def test_buckets_live_where_the_distances_live(pe: ModuleType) -> None:
    assert pe.t5_relative_bucket(torch.zeros(3, dtype=torch.int64, device="meta")).device.type == "meta"


# What cards compute, and the claim


def test_numbers_of_parameters_by_hand(pe: ModuleType) -> None:
    sizes = {"layers": 12, "heads": 8, "width": 64, "reach": 16}
    assert pe.position_parameters("Shaw", **sizes) == 50_688
    assert pe.position_parameters("T5", **sizes) == 256
    assert pe.position_parameters("DeBERTa", **sizes) == 16_384
    with pytest.raises(ValueError, match="scheme"):
        pe.position_parameters("RoPE", **sizes)


def test_one_bucket_by_hand(pe: ModuleType) -> None:
    assert [pe.t5_bucket(-20, "bidirectional"), pe.t5_bucket(20, "bidirectional")] == [10, 26]
    assert [pe.t5_bucket(-20, "causal"), pe.t5_bucket(-3, "causal"), pe.t5_bucket(-600, "causal")] == [
        17,
        3,
        31,
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(pe: ModuleType, seed: int) -> None:
    result = pe.claim(seed)
    assert result["passed"] is True
    assert result == pe.claim(seed)
    measured = result["measured"]
    assert list(measured) == [
        "none",
        "sinusoidal",
        "shaw",
        "t5",
        "xl",
        "deberta",
        "sinusoid_toeplitz_error",
    ]
    assert all(type(value) is float for value in measured.values())
    assert measured["none"] < 1e-10
    assert measured["sinusoid_toeplitz_error"] < 1e-10
    assert min(measured[name] for name in ("sinusoidal", "shaw", "t5", "xl", "deberta")) > 1e-2


def test_seeds_give_different_measurements(pe: ModuleType) -> None:
    assert pe.claim(0)["measured"]["shaw"] != pe.claim(1)["measured"]["shaw"]


def test_main_is_short(pe: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    pe.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_is_the_table(pe: ModuleType) -> None:
    rows = pe.picture()["sinusoids"]
    assert (len(rows), len(rows[0])) == (48, 32)
    assert rows[0] == [0.0] * 16 + [1.0] * 16
