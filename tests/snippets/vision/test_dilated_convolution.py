"""Dilated convolution against torch's own, loops over the definition, gradients, and counts by hand."""

import itertools
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
def dilated(load_snippet: Loader) -> ModuleType:
    return load_snippet("vision/dilated_convolution")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64).to(dtype)


def pixels_with_gradient(dilations: tuple[int, ...], kernel_size: int) -> Tensor:
    """What the centre of a stack of torch's own dilated layers depends on, by autograd."""
    side = 1 + (kernel_size - 1) * sum(dilations)
    x = torch.ones(1, 1, side, side, dtype=F64, requires_grad=True)
    y: Tensor = x
    for rate in dilations:
        y = F.conv2d(y, torch.ones(1, 1, kernel_size, kernel_size, dtype=F64), dilation=rate)
    assert y.shape == (1, 1, 1, 1)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    return gradient[0, 0] != 0


# effective_kernel_size


@pytest.mark.parametrize(
    ("kernel_size", "dilation", "span"),
    [(1, 1, 1), (1, 9, 1), (3, 1, 3), (3, 2, 5), (3, 4, 9), (5, 3, 13), (2, 7, 8), (4, 2, 7)],
)
def test_effective_sizes_by_hand(dilated: ModuleType, kernel_size: int, dilation: int, span: int) -> None:
    assert dilated.effective_kernel_size(kernel_size, dilation) == span
    taps = [dilation * k for k in range(kernel_size)]
    assert span == len(range(taps[0], taps[-1] + 1))


@pytest.mark.parametrize(("kernel_size", "dilation"), [(0, 1), (3, 0), (-1, 2), (3, -2)])
def test_effective_sizes_refuse_less_than_one(dilated: ModuleType, kernel_size: int, dilation: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        dilated.effective_kernel_size(kernel_size, dilation)


@pytest.mark.parametrize(("kernel_size", "dilation"), [(3.0, 1), (3, 2.0), ("3", 1), (None, 1)])
def test_effective_sizes_refuse_what_is_no_integer(
    dilated: ModuleType, kernel_size: object, dilation: object
) -> None:
    with pytest.raises(TypeError, match="integers"):
        dilated.effective_kernel_size(kernel_size, dilation)


# inflate_kernel


@pytest.mark.parametrize("dilation", [1, 2, 5])
@pytest.mark.parametrize("shape", [(2, 3, 3, 3), (1, 1, 2, 4), (3, 1, 1, 3), (1, 2, 1, 1)])
def test_inflated_kernels_by_loops(
    dilated: ModuleType, shape: tuple[int, int, int, int], dilation: int
) -> None:
    weight = rand(*shape)
    got = dilated.inflate_kernel(weight, dilation)
    kh, kw = shape[2:]
    assert got.shape == (*shape[:2], dilation * (kh - 1) + 1, dilation * (kw - 1) + 1)
    for a, b in itertools.product(range(got.shape[2]), range(got.shape[3])):
        if a % dilation == 0 and b % dilation == 0:
            assert torch.equal(got[:, :, a, b], weight[:, :, a // dilation, b // dilation])
        else:
            assert not got[:, :, a, b].any()


def test_inflated_kernels_keep_dtype_and_device(dilated: ModuleType) -> None:
    for dtype in (torch.float32, F64, torch.bfloat16):
        assert dilated.inflate_kernel(rand(1, 1, 2, 2, dtype=dtype), 3).dtype == dtype
    assert dilated.inflate_kernel(torch.zeros(1, 1, 2, 2, device="meta"), 3).device.type == "meta"


def test_an_inflated_kernel_is_a_copy(dilated: ModuleType) -> None:
    weight = rand(1, 1, 2, 2)
    before = weight.clone()
    dilated.inflate_kernel(weight, 1).add_(1)
    assert torch.equal(weight, before)


@pytest.mark.parametrize(
    ("shape", "dilation"), [((3, 3), 2), ((1, 3, 3), 2), ((1, 1, 1, 3, 3), 2), ((1, 1, 3, 3), 0)]
)
def test_inflating_refuses_bad_calls(dilated: ModuleType, shape: tuple[int, ...], dilation: int) -> None:
    with pytest.raises(ValueError, match=r"weight|dilation"):
        dilated.inflate_kernel(torch.zeros(shape), dilation)


# dilated_conv2d


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 4])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 3), (1, 1), (1, 4)])
def test_convolution_equals_torchs_own(
    dilated: ModuleType, dilation: int, stride: int, padding: int, kernel: tuple[int, int]
) -> None:
    x, weight, bias = rand(2, 3, 11, 14), rand(4, 3, *kernel, seed=1), rand(4, seed=2)
    got = dilated.dilated_conv2d(x, weight, bias, stride=stride, padding=padding, dilation=dilation)
    expected = F.conv2d(x, weight, bias, stride, padding, dilation)
    torch.testing.assert_close(got, expected, atol=1e-12, rtol=1e-12)


def test_convolution_equals_the_definition_in_loops(dilated: ModuleType) -> None:
    x, weight = rand(1, 2, 6, 7), rand(1, 2, 2, 3, seed=1)
    got = dilated.dilated_conv2d(x, weight, dilation=2)
    assert got.shape == (1, 1, 4, 3)
    for i, j in itertools.product(range(4), range(3)):
        total = 0.0
        for c, a, b in itertools.product(range(2), range(2), range(3)):
            total += float(weight[0, c, a, b] * x[0, c, i + 2 * a, j + 2 * b])
        assert got[0, 0, i, j].item() == pytest.approx(total, abs=1e-12)


def test_convolution_equals_an_ordinary_one_with_the_inflated_kernel(dilated: ModuleType) -> None:
    x, weight = rand(1, 2, 12, 12), rand(3, 2, 3, 3, seed=1)
    got = dilated.dilated_conv2d(x, weight, stride=2, padding=3, dilation=4)
    expected = F.conv2d(x, dilated.inflate_kernel(weight, 4), stride=2, padding=3)
    torch.testing.assert_close(got, expected, atol=1e-12, rtol=0)


def test_convolution_has_the_gradients_of_torchs_own(dilated: ModuleType) -> None:
    inputs = [t.requires_grad_() for t in (rand(1, 2, 6, 5), rand(2, 2, 2, 3, seed=1), rand(2, seed=2))]

    def ours(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        result: Tensor = dilated.dilated_conv2d(x, weight, bias, stride=2, padding=1, dilation=2)
        return result

    assert torch.autograd.gradcheck(ours, inputs)
    x, weight, bias = inputs
    of_torch = F.conv2d(x, weight, bias, 2, 1, 2)
    got = torch.autograd.grad(ours(*inputs).square().sum(), inputs)
    expected = torch.autograd.grad(of_torch.square().sum(), inputs)
    for mine, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-11, rtol=1e-11)


def test_inflating_is_differentiable(dilated: ModuleType) -> None:
    weight = rand(1, 2, 2, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda w: dilated.inflate_kernel(w, 3), [weight])


def test_convolution_follows_the_dtypes(dilated: ModuleType) -> None:
    x, weight, bias = rand(1, 1, 5, 5), rand(1, 1, 3, 3), rand(1)
    for dtype in (torch.float32, F64):
        got = dilated.dilated_conv2d(x.to(dtype), weight.to(dtype), bias.to(dtype), dilation=2)
        assert got.dtype == dtype
    assert dilated.dilated_conv2d(x.float(), weight, dilation=2).dtype == F64
    assert dilated.dilated_conv2d(x, weight.float(), bias.float(), dilation=2).dtype == F64


def test_convolution_leaves_its_inputs_alone(dilated: ModuleType) -> None:
    inputs = rand(1, 2, 5, 5), rand(2, 2, 1, 1), rand(2)
    copies = [t.clone() for t in inputs]
    dilated.dilated_conv2d(*inputs).add_(1)
    assert all(torch.equal(now, before) for now, before in zip(inputs, copies, strict=True))


def test_convolution_lives_where_its_inputs_live(dilated: ModuleType) -> None:
    x, weight = torch.zeros(1, 1, 5, 5, device="meta"), torch.zeros(2, 1, 3, 3, device="meta")
    assert dilated.dilated_conv2d(x, weight, dilation=2).device.type == "meta"


@pytest.mark.parametrize(
    ("x_shape", "weight_shape", "options"),
    [
        ((2, 5, 5), (1, 2, 3, 3), {}),
        ((1, 2, 5, 5), (2, 3, 3), {}),
        ((1, 2, 5, 5), (1, 3, 3, 3), {}),
        ((1, 2, 5, 5), (1, 1, 3, 3), {}),
        ((1, 2, 5, 5), (1, 2, 3, 3), {"stride": 0}),
        ((1, 2, 5, 5), (1, 2, 3, 3), {"dilation": 0}),
        ((1, 2, 5, 5), (1, 2, 3, 3), {"dilation": -1}),
        ((1, 2, 5, 5), (1, 2, 3, 3), {"padding": -1}),
        ((1, 2, 5, 5), (1, 2, 3, 3), {"dilation": 3}),
        ((1, 2, 4, 9), (1, 2, 3, 3), {"dilation": 4, "padding": 2}),
        ((1, 2, 9, 4), (1, 2, 3, 3), {"dilation": 4, "padding": 2}),
        ((1, 2, 5, 5), (1, 2, 3, 3), {"bias": torch.zeros(2)}),
    ],
)
def test_convolution_refuses_what_does_not_fit(
    dilated: ModuleType, x_shape: tuple[int, ...], weight_shape: tuple[int, ...], options: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        dilated.dilated_conv2d(torch.zeros(x_shape), torch.zeros(weight_shape), **options)


def test_convolution_takes_the_smallest_input_that_fits(dilated: ModuleType) -> None:
    x, weight = rand(1, 1, 5, 5), rand(1, 1, 3, 3, seed=1)
    assert dilated.dilated_conv2d(x, weight, dilation=2).shape == (1, 1, 1, 1)
    assert dilated.dilated_conv2d(x[:, :, :3, :3], weight, dilation=2, padding=1).shape == (1, 1, 1, 1)


def test_convolution_refuses_integers(dilated: ModuleType) -> None:
    with pytest.raises(TypeError, match="floating"):
        dilated.dilated_conv2d(torch.ones(1, 1, 5, 5, dtype=torch.int64), torch.ones(1, 1, 3, 3))


# What cards compute


def test_sizes_of_outputs_are_torchs(dilated: ModuleType) -> None:
    assert dilated.output_size(65, 3, 2, 3, 4) == 32
    for size, k, s, p, r in itertools.product((17, 20), (1, 2, 3), (1, 2, 3), (0, 2), (1, 2, 5)):
        expected = F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, k), None, s, p, r).shape[-1]
        assert dilated.output_size(size, k, s, p, r) == expected


def test_a_kernel_wider_than_the_padded_axis_has_no_output(dilated: ModuleType) -> None:
    with pytest.raises(ValueError, match="effective kernel"):
        dilated.output_size(6, 3, 1, 1, 4)


def test_same_padding_keeps_the_size(dilated: ModuleType) -> None:
    assert dilated.same_padding(3, 6) == 6
    for k, r in itertools.product((1, 3, 5, 7), (1, 2, 6)):
        x, weight = torch.zeros(1, 1, 40), torch.zeros(1, 1, k)
        assert F.conv1d(x, weight, padding=dilated.same_padding(k, r), dilation=r).shape == x.shape


@pytest.mark.parametrize(
    ("dilations", "field", "covered"),
    [
        ((1,), 3, 9),
        ((1, 2), 7, 49),
        ((1, 2, 4), 15, 225),
        ((2, 2, 2), 13, 49),
        ((1, 2, 3), 13, 169),
        ((1, 2, 9), 25, 441),
        ((2, 4, 8), 29, 225),
        ((1, 2, 4, 8, 16, 32), 127, 127**2),
    ],
)
def test_fields_and_pixels_in_use_by_hand(
    dilated: ModuleType, dilations: tuple[int, ...], field: int, covered: int
) -> None:
    assert dilated.stack_field(dilations) == field
    assert dilated.covered_pixels(dilations) == covered


# coverage


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
@pytest.mark.parametrize("dilations", [(1,), (3,), (2, 2), (1, 2, 3), (2, 2, 2), (1, 4, 2), (5, 1, 1, 2)])
def test_coverage_is_where_gradients_are(
    dilated: ModuleType, dilations: tuple[int, ...], kernel_size: int
) -> None:
    got = dilated.coverage(dilations, kernel_size=kernel_size)
    assert got.dtype == torch.bool
    assert torch.equal(got, pixels_with_gradient(dilations, kernel_size))


def test_coverage_by_hand(dilated: ModuleType) -> None:
    assert dilated.coverage((2, 2))[0].int().tolist() == [1, 0, 1, 0, 1, 0, 1, 0, 1]
    assert dilated.coverage([2]).int().tolist() == [
        [1, 0, 1, 0, 1],
        [0, 0, 0, 0, 0],
        [1, 0, 1, 0, 1],
        [0, 0, 0, 0, 0],
        [1, 0, 1, 0, 1],
    ]
    assert dilated.coverage((4, 7), kernel_size=1).tolist() == [[True]]


def test_coverage_does_not_depend_on_the_order(dilated: ModuleType) -> None:
    first, *others = (dilated.coverage(rates) for rates in itertools.permutations((1, 3, 5)))
    assert all(torch.equal(first, other) for other in others)
    assert first.all()


def test_neighbours_above_equal_even_rates_share_no_pixel(dilated: ModuleType) -> None:
    seen = dilated.coverage((2, 2, 2))
    here, beside = F.pad(seen, (0, 1)), F.pad(seen, (1, 0))
    assert here.sum() == beside.sum() == 49
    assert not (here & beside).any()


def test_a_common_factor_leaves_holes(dilated: ModuleType) -> None:
    for factor, rates in itertools.product((2, 3), ((1, 1), (1, 2, 4), (2, 3, 1))):
        scaled = dilated.coverage([factor * rate for rate in rates])
        assert torch.equal(scaled[::factor, ::factor], dilated.coverage(rates))
        assert scaled.sum() == dilated.coverage(rates).sum()


@pytest.mark.parametrize(
    ("dilations", "kernel_size"),
    [((), 3), ((1, 0), 3), ((-1,), 3), ((1,), 2), ((1,), 4), ((1,), 0), ((1,), -1)],
)
def test_coverage_refuses_bad_calls(
    dilated: ModuleType, dilations: tuple[int, ...], kernel_size: int
) -> None:
    with pytest.raises(ValueError, match=r"kernel_size|dilations"):
        dilated.coverage(dilations, kernel_size=kernel_size)


# hdc_max_gap


@pytest.mark.parametrize(
    ("dilations", "gap"),
    [
        ([1, 2, 5], 2),
        ([1, 2, 9], 5),
        ([2, 2, 2], 2),
        ([2, 4, 8], 4),
        ([1, 3, 5], 3),
        ([1, 5, 3], 7),
        ([1, 4], 4),
        ((9, 4), 4),
        ([1, 2, 1, 7], 2),
        ([1, 1, 3, 8], 1),
        ([1, 1, 2, 9], 3),
    ],
)
def test_gaps_by_hand(dilated: ModuleType, dilations: list[int], gap: int) -> None:
    assert dilated.hdc_max_gap(dilations) == gap


def test_gaps_follow_the_recursion_of_the_paper(dilated: ModuleType) -> None:
    def paper(rates: tuple[int, ...], i: int) -> int:  # in the paper's own, unsimplified form
        if i == len(rates):
            return rates[-1]
        above, rate = paper(rates, i + 1), rates[i - 1]
        return max(above - 2 * rate, above - 2 * (above - rate), rate)

    for n in (2, 3, 4):
        for rates in itertools.product(range(1, 7), repeat=n):
            assert dilated.hdc_max_gap(rates) == paper(rates, 2)


def test_rates_that_pass_after_a_first_rate_of_one_leave_no_holes(dilated: ModuleType) -> None:
    passing = [
        (1, *rates)
        for n in (1, 2, 3)
        for rates in itertools.product(range(1, 6), repeat=n)
        if dilated.hdc_max_gap((1, *rates)) <= 3
    ]
    assert len(passing) > 50
    assert all(dilated.coverage(rates).all() for rates in passing)


def test_the_rule_is_not_necessary_and_needs_the_first_rate(dilated: ModuleType) -> None:
    assert dilated.coverage((1, 5, 3)).all()
    assert not dilated.coverage((2, 2, 2)).all()


@pytest.mark.parametrize("dilations", [[], [3], [1, 0], [0, 1, 2], [1, -2, 3]])
def test_gaps_refuse_bad_calls(dilated: ModuleType, dilations: list[int]) -> None:
    with pytest.raises(ValueError, match="dilations"):
        dilated.hdc_max_gap(dilations)


# The claim and the rest


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(dilated: ModuleType, seed: int) -> None:
    result = dilated.claim(seed)
    assert result == dilated.claim(seed)
    assert result["passed"] is True
    assert result["measured"] == {
        "field_222": 13.0,
        "field_123": 13.0,
        "covered_222": 49.0,
        "covered_123": 169.0,
    }
    assert all(type(value) is float for value in result["measured"].values())


def test_samples_are_deterministic_and_accepted(dilated: ModuleType) -> None:
    names = [name.removeprefix("sample_") for name in vars(dilated) if name.startswith("sample_")]
    for name, seed in itertools.product(names, range(8)):
        sample, again = (getattr(dilated, f"sample_{name}")(seed) for _ in range(2))
        assert list(sample) == list(again)
        if hasattr(dilated, name):
            got, same = (torch.as_tensor(getattr(dilated, name)(**drawn)) for drawn in (sample, again))
            assert torch.equal(got, same)


def test_main_is_short(dilated: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    dilated.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_shows_49_of_169(dilated: ModuleType) -> None:
    (matrix,) = dilated.picture().values()
    assert sum(map(sum, matrix)) == 49
    assert [len(row) for row in matrix] == [13] * 13
