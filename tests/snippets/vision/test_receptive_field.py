"""Receptive fields against torch's own layers, sets of positions by brute force, and published numbers."""

import itertools
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
Numbers = tuple[int, int, int, int]
F64 = torch.float64

STACKS: list[list[Numbers]] = [
    [],
    [(1, 1, 0, 1)],
    [(3, 1, 1, 1)],
    [(2, 2, 0, 1)],
    [(1, 3, 0, 1), (3, 1, 0, 1)],
    [(7, 2, 3, 1), (3, 2, 1, 1), (3, 1, 2, 2)],
    [(4, 3, 1, 2), (2, 2, 0, 3)],
    [(5, 1, 0, 3), (3, 3, 2, 1), (2, 1, 1, 1), (3, 2, 1, 2)],
    [(3, 2, 2, 3), (1, 2, 1, 1), (3, 1, 0, 1)],
]


@pytest.fixture(scope="module")
def field(load_snippet: Loader) -> ModuleType:
    return load_snippet("vision/receptive_field")


def layers_of(field: ModuleType, stack: list[Numbers]) -> list[Any]:
    return [field.Layer(*numbers) for numbers in stack]


def outputs_moved_by_each_pixel(stack: list[Numbers], size: int) -> Tensor:
    """Run torch's own layers on one-hot inputs: (size, outputs), True where a pixel changes an output."""
    y = torch.eye(size, dtype=F64)[:, None]
    for kernel, stride, padding, dilation in stack:
        y = F.conv1d(y, torch.ones(1, 1, kernel, dtype=F64), None, stride, padding, dilation)
    return y[:, 0] > 0


def pixels_by_sets(stack: list[Numbers], index: int) -> set[int]:
    """All input positions, padding included, that output `index` is a sum of."""
    positions = {index}
    for kernel, stride, padding, dilation in reversed(stack):
        positions = {p * stride - padding + dilation * t for p in positions for t in range(kernel)}
    return positions


# Sizes


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("index", [0, 1, 5])
def test_fields_equal_sets_of_positions(field: ModuleType, stack: list[Numbers], index: int) -> None:
    layers, positions = layers_of(field, stack), pixels_by_sets(stack, index)
    size = max(positions) - min(positions) + 1
    info = field.receptive_field_bottom_up(layers)
    assert field.receptive_field_top_down(layers) == info.size == size
    assert field.input_span(layers, index) == (min(positions), max(positions))
    assert info.start + index * info.jump == (min(positions) + max(positions)) / 2


def test_the_stem_by_hand(field: ModuleType) -> None:
    stem = layers_of(field, [(7, 2, 3, 1), (3, 2, 1, 1), (3, 1, 2, 2)])
    assert field.receptive_field_bottom_up(stem[:1]) == (7, 2, 0.0)
    assert field.receptive_field_bottom_up(stem[:2]) == (11, 4, 0.0)
    assert field.receptive_field_bottom_up(stem) == (27, 4, 0.0)
    assert field.input_span(stem[:2], 0) == (-5, 5)
    assert field.input_span(stem[:2], 3) == (7, 17)


def test_without_layers_a_pixel_sees_itself(field: ModuleType) -> None:
    assert field.receptive_field_top_down([]) == 1
    info = field.receptive_field_bottom_up([])
    assert info == (1, 1, 0.0)
    assert [type(value) for value in info] == [int, int, float]
    assert field.input_span([], 7) == (7, 7)


def test_types_stay_whole_numbers_except_the_start(field: ModuleType) -> None:
    info = field.receptive_field_bottom_up(layers_of(field, [(2, 2, 0, 1), (3, 2, 1, 1)]))
    assert isinstance(info, field.FieldInfo)
    assert [type(value) for value in info] == [int, int, float]
    assert info.start == 0.5


def test_layers_have_defaults(field: ModuleType) -> None:
    assert field.Layer(3) == (3, 1, 0, 1)
    assert field.Layer(kernel=5, dilation=2, padding=1, stride=4) == (5, 4, 1, 2)


@pytest.mark.parametrize("stack", STACKS)
def test_padding_moves_a_field_and_keeps_its_size(field: ModuleType, stack: list[Numbers]) -> None:
    bare = [(kernel, stride, 0, dilation) for kernel, stride, _, dilation in stack]
    padded, info = (field.receptive_field_bottom_up(layers_of(field, each)) for each in (stack, bare))
    assert padded[:2] == info[:2]
    assert padded.start <= info.start


def test_the_last_stride_changes_the_jump_only(field: ModuleType) -> None:
    slow, fast = (
        field.receptive_field_bottom_up(layers_of(field, [(3, 2, 0, 1), (3, s, 1, 1)])) for s in (1, 3)
    )
    assert (slow.size, slow.start) == (fast.size, fast.start)
    assert (slow.jump, fast.jump) == (2, 6)


@pytest.mark.parametrize(
    "bad", [(0, 1, 0, 1), (3, 0, 0, 1), (3, 1, -1, 1), (3, 1, 0, 0), (-3, 1, 0, 1), (3, -2, 0, 1)]
)
def test_impossible_layers_are_refused_everywhere(field: ModuleType, bad: Numbers) -> None:
    layers = layers_of(field, [(3, 1, 1, 1), bad, (3, 1, 1, 1)])
    calls: list[Callable[[], object]] = [
        lambda: field.receptive_field_top_down(layers),
        lambda: field.receptive_field_bottom_up(layers),
        lambda: field.input_span(layers, 0),
        lambda: field.empirical_support(layers, 20, 0),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="at least"):
            call()


def test_negative_indices_are_refused(field: ModuleType) -> None:
    layers = layers_of(field, [(3, 1, 1, 1)])
    with pytest.raises(ValueError, match="index"):
        field.input_span(layers, -1)
    with pytest.raises(ValueError, match="index"):
        field.empirical_support(layers, 9, -1)


# Gradients


@pytest.mark.parametrize("stack", STACKS)
def test_support_is_what_single_pixels_change(field: ModuleType, stack: list[Numbers]) -> None:
    moved = outputs_moved_by_each_pixel(stack, 40)
    for index in range(moved.shape[1]):
        got = field.empirical_support(layers_of(field, stack), 40, index)
        assert got.dtype == torch.bool
        assert torch.equal(got, moved[:, index])


@pytest.mark.parametrize("stack", STACKS)
def test_support_of_an_interior_unit_ends_where_the_span_ends(
    field: ModuleType, stack: list[Numbers]
) -> None:
    layers = layers_of(field, stack)
    index = next(i for i in itertools.count() if field.input_span(layers, i)[0] >= 0)
    first, last = field.input_span(layers, index)
    pixels = field.empirical_support(layers, last + 5, index).nonzero().flatten().tolist()
    assert (pixels[0], pixels[-1]) == (first, last)
    assert set(pixels) == pixels_by_sets(stack, index)


def test_dilation_leaves_holes_in_the_support(field: ModuleType) -> None:
    support = field.empirical_support([field.Layer(3, dilation=2)], 6, 1)
    assert support.int().tolist() == [0, 1, 0, 1, 0, 1]


def test_support_at_the_border_is_cut(field: ModuleType) -> None:
    support = field.empirical_support([field.Layer(5, padding=2)], 6, 0)
    assert support.int().tolist() == [1, 1, 1, 0, 0, 0]


def test_support_works_where_gradients_are_off(field: ModuleType) -> None:
    with torch.no_grad():
        assert field.empirical_support([field.Layer(3)], 5, 2).int().tolist() == [0, 0, 1, 1, 1]
        assert not torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("stack", "size", "index"),
    [
        ([(3, 1, 0, 1)], 5, 3),
        ([(3, 2, 1, 1)], 5, 3),
        ([], 5, 5),
        ([(7, 1, 0, 1)], 6, 0),
        ([(3, 1, 0, 4)], 8, 0),
        ([(3, 2, 0, 1), (3, 1, 0, 1)], 5, 0),
        ([], 0, 0),
    ],
)
def test_support_refuses_what_is_not_there(
    field: ModuleType, stack: list[Numbers], size: int, index: int
) -> None:
    with pytest.raises(ValueError, match=r"index|too few|input_size"):
        field.empirical_support(layers_of(field, stack), size, index)


def test_support_takes_the_smallest_input_that_fits(field: ModuleType) -> None:
    assert field.empirical_support([field.Layer(3, dilation=4)], 9, 0).sum() == 3
    assert field.empirical_support([field.Layer(3, padding=1)], 1, 0).tolist() == [True]


# Known networks


def test_published_fields(field: ModuleType) -> None:
    def size(layers: tuple[Any, ...]) -> int:
        got: int = field.receptive_field_top_down(layers)
        return got

    assert [size(field.ALEXNET[:depth]) for depth in range(1, 9)] == [11, 19, 51, 67, 99, 131, 163, 195]
    assert (size(field.VGG16[:-1]), size(field.VGG16)) == (196, 212)
    assert (size(field.resnet50(1)), size(field.resnet50(3))) == (483, 427)
    jumps = [field.receptive_field_bottom_up(net).jump for net in (field.ALEXNET, field.VGG16)]
    assert jumps == [32, 32]
    assert field.receptive_field_bottom_up(field.VGG16[:-1]).jump == 16
    assert [field.receptive_field_bottom_up(field.resnet50(k)).jump for k in (1, 3)] == [32, 32]


def test_vgg_and_alexnet_have_their_layers(field: ModuleType) -> None:
    assert len(field.VGG16) == 13 + 5
    assert len(field.ALEXNET) == 5 + 3
    assert len(field.resnet50(1)) == 2 + 3 * (3 + 4 + 6 + 3)


def test_vgg_depends_on_212_pixels_of_a_wide_image(field: ModuleType) -> None:
    layers: list[nn.Module] = []
    for kernel, stride, padding, _ in field.VGG16:
        conv = nn.Conv1d(1, 1, kernel, stride, padding, bias=False, dtype=F64, device="meta")
        conv.weight = nn.Parameter(torch.full(conv.weight.shape, 0.5, dtype=F64))
        layers.append(conv)
    x = torch.zeros(1, 1, 640, dtype=F64, requires_grad=True)
    (gradient,) = torch.autograd.grad(nn.Sequential(*layers)(x)[0, 0, 10], x)
    pixels = gradient[0, 0].nonzero().flatten()
    assert int(pixels[-1] - pixels[0]) + 1 == 212
    assert (int(pixels[0]), int(pixels[-1])) == field.input_span(field.VGG16, 10)


def test_other_variants_are_refused(field: ModuleType) -> None:
    with pytest.raises(ValueError, match="stride_in"):
        field.resnet50(2)


# What cards compute


def test_fields_with_a_pooling_by_hand(field: ModuleType) -> None:
    convs = [(3, 1, 1, 1)] * 4
    assert field.field_of(convs) == 9
    assert [field.field_with_pool(convs, after) for after in range(5)] == [18, 16, 14, 12, 10]


def test_centres_by_hand(field: ModuleType) -> None:
    assert field.centre([(7, 2, 3, 1), (3, 2, 1, 1)], 3) == 12.0
    assert field.centre([(7, 2, 0, 1), (3, 2, 0, 1)], 2) == 13.0
    assert field.centre([(3, 2, 0, 1), (2, 2, 0, 1)], 1) == 6.0
    assert field.centre([(2, 2, 0, 1)], 0) == 0.5


@pytest.mark.parametrize(("kernel", "depth"), [(3, 1), (3, 6), (5, 8), (2, 9), (7, 4)])
def test_the_width_of_the_gradient_is_measured(field: ModuleType, kernel: int, depth: int) -> None:
    gradient = torch.ones(1, 1, 1, dtype=F64)
    for _ in range(depth):
        gradient = F.conv1d(gradient, torch.full((1, 1, kernel), 1 / kernel, dtype=F64), padding=kernel - 1)
    mass = gradient.flatten()
    positions = torch.arange(len(mass), dtype=F64)
    mean = (mass * positions).sum()
    variance = (mass * (positions - mean) ** 2).sum()
    assert mass.sum().item() == pytest.approx(1)
    assert field.effective_width(kernel, depth) == pytest.approx(math.sqrt(variance))


def test_the_shares_of_the_article(field: ModuleType) -> None:
    shares = [4 * field.effective_width(3, depth) / (1 + 2 * depth) for depth in (10, 40, 160)]
    assert [round(100 * share) for share in shares] == [49, 26, 13]


# The claim and the rest


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(field: ModuleType, seed: int) -> None:
    result = field.claim(seed)
    assert result == field.claim(seed)
    assert result["passed"] is True
    assert result["measured"] == {
        "mismatches": 0.0,
        "vgg16_conv5_3": 196.0,
        "vgg16_pool5": 212.0,
        "alexnet_conv5": 163.0,
        "alexnet_pool5": 195.0,
    }
    assert all(type(value) is float for value in result["measured"].values())


def test_the_claim_would_notice_a_mismatch(field: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = field.receptive_field_top_down
    monkeypatch.setattr(field, "receptive_field_top_down", lambda layers: honest(layers) + (len(layers) == 4))
    result = field.claim()
    assert result["passed"] is False
    assert result["measured"]["mismatches"] > 10


def test_samples_are_deterministic_and_accepted(field: ModuleType) -> None:
    names = [name.removeprefix("sample_") for name in vars(field) if name.startswith("sample_")]
    for name, seed in itertools.product(names, range(8)):
        sample = getattr(field, f"sample_{name}")(seed)
        assert sample == getattr(field, f"sample_{name}")(seed)
        probe = getattr(field, f"probe_{name}", None)
        if probe is not None:
            probe(getattr(field, name), **sample)
        elif hasattr(field, name):
            getattr(field, name)(**sample)


def test_main_is_short(field: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    field.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_shows_gradients_that_add_up_to_one(field: ModuleType) -> None:
    curves = field.picture()
    assert list(curves) == ["10 layers", "40 layers"]
    for curve in curves.values():
        assert len(curve) == 81
        assert sum(curve) == pytest.approx(1)
        assert max(curve) == curve[40]
    assert sum(value > 0 for value in curves["10 layers"]) == 21
