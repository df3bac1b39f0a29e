"""RoPE against rotation matrices, complex numbers in loops, autograd, and hand-worked numbers."""

import cmath
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
F64 = torch.float64


@pytest.fixture(scope="module")
def rope(load_snippet: Loader) -> ModuleType:
    return load_snippet("transformer/rope")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64).to(dtype)


def pairs_of(dim: int, layout: str) -> list[tuple[int, int]]:
    if layout == "half":
        return [(i, i + dim // 2) for i in range(dim // 2)]
    return [(2 * i, 2 * i + 1) for i in range(dim // 2)]


def turned_one_by_one(x: Tensor, positions: Tensor, base: float, dim: int, layout: str) -> Tensor:
    """Multiply complex numbers in plain Python."""
    B, H, T, _ = x.shape
    out = x.clone()
    for b in range(B):
        for t in range(T):
            position = float(positions[t] if positions.ndim == 1 else positions[b, t])
            for i, (first, second) in enumerate(pairs_of(dim, layout)):
                turn = cmath.exp(1j * position * base ** (-2 * i / dim))
                for h in range(H):
                    z = complex(x[b, h, t, first], x[b, h, t, second]) * turn
                    out[b, h, t, first], out[b, h, t, second] = z.real, z.imag
    return out


def rotation_matrix(position: int, dim: int, layout: str, base: float = 10000.0) -> Tensor:
    """R_m as a matrix, from the matrix exponential of its generator."""
    generator = torch.zeros(dim, dim, dtype=F64)
    for i, (first, second) in enumerate(pairs_of(dim, layout)):
        generator[second, first] = position * base ** (-2 * i / dim)
        generator[first, second] = -generator[second, first]
    return torch.matrix_exp(generator)


# Frequencies, cosines and sines


def test_frequencies_are_powers_of_the_base(rope: ModuleType) -> None:
    assert rope.rope_inv_freq(8, dtype=F64).tolist() == pytest.approx([1, 0.1, 0.01, 0.001], rel=1e-15)
    assert rope.rope_inv_freq(4, 100.0, dtype=F64).tolist() == pytest.approx([1, 0.1], rel=1e-15)
    assert rope.rope_inv_freq(2).tolist() == [1.0]


def test_frequencies_are_rounded_once(rope: ModuleType) -> None:
    exact = rope.rope_inv_freq(128, dtype=F64)
    assert rope.rope_inv_freq(128).dtype == torch.float32
    assert torch.equal(rope.rope_inv_freq(128), exact.float())
    assert torch.equal(rope.rope_inv_freq(128, dtype=torch.bfloat16), exact.bfloat16())


@pytest.mark.parametrize(
    ("dim", "base", "named"), [(5, 1e4, "dim"), (0, 1e4, "dim"), (-2, 1e4, "dim"), (4, 0, "base")]
)
def test_frequencies_refuse_bad_values(rope: ModuleType, dim: int, base: float, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        rope.rope_inv_freq(dim, base)


def test_frequencies_refuse_an_integer_dtype(rope: ModuleType) -> None:
    with pytest.raises(TypeError, match="dtype"):
        rope.rope_inv_freq(4, dtype=torch.int64)


def test_cosines_and_sines_are_those_of_the_angles(rope: ModuleType) -> None:
    positions = torch.tensor([[0, 1, 100_000], [7, 3, 2]])
    cos, sin = rope.rope_cos_sin(positions, 6, 500.0, dtype=F64)
    assert cos.shape == sin.shape == (2, 3, 3)
    for b in range(2):
        for t in range(3):
            for i in range(3):
                angle = int(positions[b, t]) * 500.0 ** (-2 * i / 6)
                assert cos[b, t, i].item() == pytest.approx(math.cos(angle), abs=1e-9)
                assert sin[b, t, i].item() == pytest.approx(math.sin(angle), abs=1e-9)


def test_angles_are_exact_even_if_the_table_is_not(rope: ModuleType) -> None:
    positions = torch.arange(60_000, 60_010)
    cos, sin = rope.rope_cos_sin(positions, 64)
    exact_cos, exact_sin = rope.rope_cos_sin(positions, 64, dtype=F64)
    assert torch.equal(cos, exact_cos.float())
    assert torch.equal(sin, exact_sin.float())


def test_positions_between_positions_are_allowed(rope: ModuleType) -> None:
    cos, _ = rope.rope_cos_sin(torch.tensor([1500.5]), 2, dtype=F64)
    assert cos.item() == pytest.approx(math.cos(1500.5), abs=1e-12)


@pytest.mark.parametrize("shape", [(), (1, 1, 1)])
def test_cosines_and_sines_refuse_other_shapes(rope: ModuleType, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="positions"):
        rope.rope_cos_sin(torch.zeros(shape), 4)


def test_cosines_and_sines_refuse_truth_values(rope: ModuleType) -> None:
    with pytest.raises(TypeError, match="positions"):
        rope.rope_cos_sin(torch.tensor([True]), 4)


# apply_rope


@pytest.mark.parametrize("layout", ["half", "interleaved"])
@pytest.mark.parametrize("rotary_dim", [None, 2, 6])
@pytest.mark.parametrize("per_sequence", [True, False])
def test_rotation_equals_complex_numbers_in_loops(
    rope: ModuleType, layout: str, rotary_dim: int | None, per_sequence: bool
) -> None:
    x = rand(3, 2, 4, 8)
    positions = torch.tensor([[5, 0, 300, 2], [1, 1, 2, 9], [4000, 3, 2, 1]])
    positions = positions if per_sequence else positions[0]
    got = rope.apply_rope(x, positions, 500.0, rotary_dim=rotary_dim, layout=layout)
    expected = turned_one_by_one(x, positions, 500.0, rotary_dim or 8, layout)
    torch.testing.assert_close(got, expected, atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize("layout", ["half", "interleaved"])
@pytest.mark.parametrize("position", [0, 1, 17])
def test_rotation_equals_a_matrix(rope: ModuleType, layout: str, position: int) -> None:
    x = rand(1, 1, 1, 6)
    got = rope.apply_rope(x, torch.tensor([position]), layout=layout)
    torch.testing.assert_close(got, x @ rotation_matrix(position, 6, layout).T, atol=1e-12, rtol=0)


def test_the_matrix_between_two_positions_is_their_difference(rope: ModuleType) -> None:
    q, k = rand(1, 1, 1, 8), rand(1, 1, 1, 8, seed=1)
    turned_q, turned_k = (rope.apply_rope(x, torch.tensor([p])) for x, p in ((q, 30), (k, 12)))
    expected = q.flatten() @ rotation_matrix(12 - 30, 8, "half") @ k.flatten()
    assert (turned_q * turned_k).sum().item() == pytest.approx(expected.item(), abs=1e-12)


def test_position_zero_changes_nothing(rope: ModuleType) -> None:
    x = rand(2, 1, 3, 4)
    assert torch.equal(rope.apply_rope(x, torch.zeros(3, dtype=torch.int64)), x)


def test_channels_beyond_the_rotary_ones_pass_untouched(rope: ModuleType) -> None:
    for dtype in (F64, torch.bfloat16):
        x = rand(1, 2, 3, 8, dtype=dtype)
        got = rope.apply_rope(x, torch.arange(1, 4), rotary_dim=4)
        assert torch.equal(got[..., 4:], x[..., 4:])
        assert not torch.equal(got[..., :4], x[..., :4])


@pytest.mark.parametrize("layout", ["half", "interleaved"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_turned_in_float32_and_rounded_once(
    rope: ModuleType, layout: str, dtype: torch.dtype
) -> None:
    x, positions = rand(2, 2, 5, 8, dtype=dtype), torch.tensor([0, 257, 1023, 4001, 65_537])
    got = rope.apply_rope(x, positions, layout=layout)
    assert got.dtype == dtype
    assert torch.equal(got, rope.apply_rope(x.float(), positions, layout=layout).to(dtype))


def test_float32_stays_float32_and_near_the_truth(rope: ModuleType) -> None:
    x, positions = rand(1, 1, 3, 64), torch.tensor([10, 10_000, 100_000])
    got = rope.apply_rope(x.float(), positions)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got.double(), rope.apply_rope(x, positions), atol=1e-5, rtol=0)


def test_rotation_is_differentiable_in_vectors_and_positions(rope: ModuleType) -> None:
    x, positions = (
        rand(1, 2, 3, 4).requires_grad_(),
        torch.tensor([0.5, 2.0, 7.25], dtype=F64).requires_grad_(),
    )
    assert torch.autograd.gradcheck(lambda x, p: rope.apply_rope(x, p, rotary_dim=2), [x, positions])
    assert torch.autograd.gradcheck(lambda x: rope.apply_rope(x, torch.arange(3), layout="interleaved"), [x])


def test_the_inputs_stay_as_they_are(rope: ModuleType) -> None:
    x, positions = rand(1, 1, 3, 4), torch.arange(3)
    copies = x.clone(), positions.clone()
    rope.apply_rope(x, positions).add_(1)
    rope.permute_rope_layout(x, to="half").add_(1)
    assert torch.equal(x, copies[0])
    assert torch.equal(positions, copies[1])


def test_results_live_where_the_inputs_live(rope: ModuleType) -> None:
    x, positions = torch.zeros(1, 1, 3, 4, device="meta"), torch.zeros(3, device="meta")
    assert rope.apply_rope(x, positions).device.type == "meta"
    assert rope.rope_decay_bound(positions, 8).device.type == "meta"
    assert rope.permute_projection(x[0, 0].mT, 1, to="half").device.type == "meta"


def test_rotation_refuses_bad_calls(rope: ModuleType) -> None:
    x, positions = rand(2, 1, 3, 4), torch.arange(3)
    cases: list[tuple[str, tuple[Tensor, Tensor], dict[str, Any]]] = [
        ("x must", (x[0], positions), {}),
        ("positions", (x, torch.arange(4)), {}),
        ("positions", (x, torch.zeros(1, 3)), {}),
        ("positions", (x, torch.zeros(3, 3)), {}),
        ("positions", (x, torch.tensor(1)), {}),
        ("layout", (x, positions), {"layout": "split"}),
        ("rotary_dim", (x, positions), {"rotary_dim": 3}),
        ("rotary_dim", (x, positions), {"rotary_dim": 6}),
        ("rotary_dim", (x, positions), {"rotary_dim": 0}),
        ("rotary_dim", (x, positions), {"rotary_dim": -2}),
        ("rotary_dim", (rand(2, 1, 3, 5), positions), {}),
        ("base", (x, positions), {"base": -1.0}),
    ]
    for named, arguments, options in cases:
        with pytest.raises(ValueError, match=named):
            rope.apply_rope(*arguments, **options)
    with pytest.raises(TypeError, match="x must"):
        rope.apply_rope(torch.ones(2, 1, 3, 4, dtype=torch.int64), positions)


# Layouts


def test_layouts_by_hand(rope: ModuleType) -> None:
    assert rope.permute_rope_layout(torch.arange(6), to="half").tolist() == [0, 2, 4, 1, 3, 5]
    assert rope.permute_rope_layout(torch.arange(6), to="interleaved").tolist() == [0, 3, 1, 4, 2, 5]
    assert rope.permute_rope_layout(torch.arange(8), to="half", rotary_dim=6).tolist() == [
        0,
        2,
        4,
        1,
        3,
        5,
        6,
        7,
    ]


@pytest.mark.parametrize("rotary_dim", [None, 2, 8])
def test_the_two_directions_undo_each_other(rope: ModuleType, rotary_dim: int | None) -> None:
    x = rand(2, 3, 10)
    for there, back in (("half", "interleaved"), ("interleaved", "half")):
        moved = rope.permute_rope_layout(x, to=there, rotary_dim=rotary_dim)
        assert torch.equal(rope.permute_rope_layout(moved, to=back, rotary_dim=rotary_dim), x)


@pytest.mark.parametrize("rotary_dim", [None, 6])
def test_rotating_and_permuting_commute(rope: ModuleType, rotary_dim: int | None) -> None:
    x, p = rand(2, 2, 4, 10), torch.tensor([0, 5, 2, 99])
    permuted = rope.permute_rope_layout(x, to="half", rotary_dim=rotary_dim)
    turned = rope.apply_rope(x, p, rotary_dim=rotary_dim, layout="interleaved")
    assert torch.equal(
        rope.apply_rope(permuted, p, rotary_dim=rotary_dim),
        rope.permute_rope_layout(turned, to="half", rotary_dim=rotary_dim),
    )


@pytest.mark.parametrize(
    "options", [{"to": "quarter"}, {"to": "half", "rotary_dim": 3}, {"to": "half", "rotary_dim": 12}]
)
def test_permuting_refuses_bad_calls(rope: ModuleType, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"to must|rotary_dim"):
        rope.permute_rope_layout(rand(2, 10), **options)


def test_converted_projections_give_the_same_scores(rope: ModuleType) -> None:
    heads, D, inputs = 3, 6, 5
    w_q, w_k = rand(2, heads * D, inputs)
    x, p = rand(1, 4, inputs, seed=1), torch.tensor([3, 1, 4, 15])

    def scores(w_q: Tensor, w_k: Tensor, layout: str) -> Tensor:
        q, k = ((x @ w.T).reshape(1, 4, heads, D).transpose(1, 2) for w in (w_q, w_k))
        turned: list[Tensor] = [rope.apply_rope(vectors, p, layout=layout) for vectors in (q, k)]
        return turned[0] @ turned[1].mT

    converted = [rope.permute_projection(w, heads, to="half") for w in (w_q, w_k)]
    here, there = scores(w_q, w_k, "interleaved"), scores(converted[0], converted[1], "half")
    torch.testing.assert_close(there, here, atol=1e-12, rtol=0)
    assert not torch.allclose(scores(w_q, w_k, "half"), scores(w_q, w_k, "interleaved"))
    assert torch.equal(rope.permute_projection(converted[0], heads, to="interleaved"), w_q)


@pytest.mark.parametrize(("shape", "heads"), [((12, 5), 5), ((12,), 2), ((12, 5), 0)])
def test_projections_refuse_heads_that_do_not_fit(
    rope: ModuleType, shape: tuple[int, ...], heads: int
) -> None:
    with pytest.raises(ValueError, match="weight"):
        rope.permute_projection(torch.zeros(shape), heads, to="half")


# Decay


@pytest.mark.parametrize("dim", [2, 8, 64])
def test_the_bound_equals_loops_over_the_formula(rope: ModuleType, dim: int) -> None:
    distances = [0, 1, 7, 100]
    for distance, got in zip(
        distances, rope.rope_decay_bound(torch.tensor(distances), dim).tolist(), strict=True
    ):
        partial, moduli = 0j, []
        for i in range(dim // 2):
            partial += cmath.exp(1j * distance * 10000 ** (-2 * i / dim))
            moduli.append(abs(partial))
        assert got == pytest.approx(sum(moduli) / len(moduli), abs=1e-12)


def test_the_numbers_of_the_article(rope: ModuleType) -> None:
    wide = rope.rope_decay_bound(torch.tensor([0, 20, 100, 1024]), 128)
    assert [round(value, 1) for value in wide.tolist()] == [32.5, 15.2, 10.2, 4.0]
    narrow = rope.rope_decay_bound(torch.tensor([3, 7]), 8)
    assert [round(value, 2) for value in narrow.tolist()] == [1.13, 2.41]


def test_the_bound_bounds_scores(rope: ModuleType) -> None:
    q, k = rand(2, 1, 1, 200, 16)
    h = torch.complex(q[..., :8], q[..., 8:]) * torch.complex(k[..., :8], k[..., 8:]).conj()
    steps = torch.cat([h[..., 1:], torch.zeros_like(h[..., :1])], dim=-1) - h
    distance = torch.arange(200)
    scores = (rope.apply_rope(q, distance) * k).sum(-1)
    bound = steps.abs().amax(-1) * 8 * rope.rope_decay_bound(distance, 16)
    assert bool((scores.abs() <= bound + 1e-12).all())


@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_the_bound_keeps_the_shape_and_is_float64(rope: ModuleType, shape: tuple[int, ...]) -> None:
    got = rope.rope_decay_bound(torch.ones(shape, dtype=torch.int64), 8)
    assert got.shape == shape
    assert got.dtype == F64


# What cards compute, and the claim


def test_angles_and_wavelengths_by_hand(rope: ModuleType) -> None:
    assert rope.pair_angle(37, 2, 8) == pytest.approx(0.37)
    assert rope.pair_angle(5, 0, 64) == 5.0
    assert rope.wavelength(0, 64) == pytest.approx(6.2831853)
    assert rope.wavelength(1, 4, 100.0) == pytest.approx(62.831853)
    assert rope.wavelength(63, 128) == pytest.approx(54410.14, abs=0.01)


def test_partners_are_mutual_and_follow_the_layout(rope: ModuleType) -> None:
    assert [rope.partner_channel(c, 6, "half") for c in range(6)] == [3, 4, 5, 0, 1, 2]
    assert [rope.partner_channel(c, 6, "interleaved") for c in range(6)] == [1, 0, 3, 2, 5, 4]


def test_scores_in_the_plane_by_hand(rope: ModuleType) -> None:
    assert rope.score_in_plane((1, 2), (3, 1), 5, 3, 30) == pytest.approx(-1.8301, abs=1e-4)
    assert rope.score_in_plane((1, 0), (0, 1), 7, 8, 90) == pytest.approx(-1.0)
    assert rope.score_in_plane((1, 0), (0, 1), 8, 7, 90) == pytest.approx(1.0)
    assert rope.score_in_plane((1, 2), (3, 1), 4, 4, 77) == pytest.approx(5.0)


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(rope: ModuleType, seed: int) -> None:
    result = rope.claim(seed)
    assert result["passed"] is True
    assert result == rope.claim(seed)
    measured = result["measured"]
    assert list(measured) == ["shift_error", "norm_error", "additive_shift_error"]
    assert all(type(value) is float for value in measured.values())
    assert measured["shift_error"] < 1e-8
    assert measured["norm_error"] < 1e-10
    assert measured["additive_shift_error"] > 0.1


def test_seeds_give_different_measurements(rope: ModuleType) -> None:
    assert rope.claim(0)["measured"] != rope.claim(1)["measured"]


def test_main_is_short(rope: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    rope.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_starts_at_the_greatest_bound(rope: ModuleType) -> None:
    (curve,) = rope.picture().values()
    assert len(curve) == 256
    assert curve[0] == max(curve) == pytest.approx(32.5)
