"""The receptive field of a unit, from the top down, from the bottom up, and by asking gradients.

Source: Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019,
    doi:10.23915/distill.00021; Luo, Li, Urtasun, Zemel, "Understanding the Effective Receptive Field in Deep
    Convolutional Neural Networks", 2017, arXiv:1701.04128.

One spatial axis; pixels and units are counted from 0, and pixel centres are integers.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = [
    "ALEXNET",
    "VGG16",
    "FieldInfo",
    "Layer",
    "centre",
    "claim",
    "effective_width",
    "empirical_support",
    "field_of",
    "field_with_pool",
    "input_span",
    "main",
    "picture",
    "receptive_field_bottom_up",
    "receptive_field_top_down",
    "resnet50",
]


class Layer(NamedTuple):
    """A convolution or a pooling, along one axis."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1


class FieldInfo(NamedTuple):
    """How wide fields are, how far apart, and where that of the first unit is centred."""

    size: int
    jump: int
    start: float


def _span(layer: Layer) -> int:
    """How many units of its input a layer spans; refuses a layer that cannot be."""
    kernel, stride, padding, dilation = layer
    if kernel < 1 or stride < 1 or dilation < 1 or padding < 0:
        raise ValueError(f"kernel, stride and dilation must be at least 1 and padding at least 0: {layer}")
    return dilation * (kernel - 1) + 1


def receptive_field_top_down(layers: Sequence[Layer]) -> int:
    """Start at one unit behind the last layer and walk to the image."""
    size = 1
    for layer in reversed(layers):
        size = (size - 1) * layer.stride + _span(layer)
    return size


def receptive_field_bottom_up(layers: Sequence[Layer]) -> FieldInfo:
    """Start at the image, where each pixel sees itself, and walk with the data."""
    size, jump, start = 1, 1, 0.0
    for layer in layers:
        reach = _span(layer) - 1
        size += reach * jump
        start += (reach / 2 - layer.padding) * jump
        jump *= layer.stride  # a layer's own stride counts for later layers only
    return FieldInfo(size, jump, start)


def input_span(layers: Sequence[Layer], index: int) -> tuple[int, int]:
    """First and last pixel that output `index` sees; outside the image where it sees padding."""
    if index < 0:
        raise ValueError(f"index must be at least 0, not {index}")
    first = last = index
    for layer in reversed(layers):
        first = first * layer.stride - layer.padding
        last = last * layer.stride - layer.padding + _span(layer) - 1
    return first, last


def empirical_support(layers: Sequence[Layer], input_size: int, index: int) -> Tensor:
    """Which pixels output `index` depends on, by autograd through convolutions with positive weights.

    returns: bool (input_size,)
    """
    return _gradient(layers, input_size, index) != 0


def _gradient(layers: Sequence[Layer], input_size: int, index: int) -> Tensor:
    """How output `index` changes with each pixel, if every layer averages: float64 (input_size,)."""
    if input_size < 1:
        raise ValueError(f"input_size must be at least 1, not {input_size}")
    with torch.enable_grad():
        x = torch.zeros(1, 1, input_size, dtype=torch.float64, requires_grad=True)
        y: Tensor = x
        for layer in layers:
            if y.shape[-1] + 2 * layer.padding < _span(layer):
                raise ValueError(f"{y.shape[-1]} units are too few for {layer}")
            weight = torch.full((1, 1, layer.kernel), 1 / layer.kernel, dtype=torch.float64)
            y = F.conv1d(y, weight, None, layer.stride, layer.padding, layer.dilation)
        if not 0 <= index < y.shape[-1]:
            raise ValueError(f"index must be from 0 to {y.shape[-1] - 1}, not {index}")
        (gradient,) = torch.autograd.grad(y[0, 0, index], x)
    return gradient[0, 0]


def effective_width(kernel: int, depth: int) -> float:
    """Standard deviation, in pixels, of the gradient of `depth` stride-1 layers with equal weights."""
    return math.sqrt(depth * (kernel**2 - 1) / 12)


# Networks whose fields are known.

_POOL2, _POOL3 = Layer(2, 2), Layer(3, 2)
_CONV3 = Layer(3, 1, 1)

VGG16: tuple[Layer, ...] = (
    *(_CONV3, _CONV3, _POOL2),
    *(_CONV3, _CONV3, _POOL2),
    *(_CONV3, _CONV3, _CONV3, _POOL2),
    *(_CONV3, _CONV3, _CONV3, _POOL2),
    *(_CONV3, _CONV3, _CONV3, _POOL2),
)
"""Up to pool5; without the last layer, up to conv5_3."""

ALEXNET: tuple[Layer, ...] = (
    *(Layer(11, 4), _POOL3),
    *(Layer(5, 1, 2), _POOL3),
    *(_CONV3, _CONV3, _CONV3, _POOL3),
)
"""Up to pool5; without the last layer, up to conv5."""


def resnet50(stride_in: int) -> tuple[Layer, ...]:
    """The widest path through all blocks; those that halve the map do so in their first 1x1 or their 3x3."""
    if stride_in not in (1, 3):
        raise ValueError(f"stride_in must be 1 or 3, not {stride_in}")
    layers = [Layer(7, 2, 3), Layer(3, 2, 1)]
    for blocks, first_stride in ((3, 1), (4, 2), (6, 2), (3, 2)):
        for stride in [first_stride] + [1] * (blocks - 1):
            layers.append(Layer(1, stride if stride_in == 1 else 1))
            layers.append(Layer(3, stride if stride_in == 3 else 1, 1))
            layers.append(Layer(1))
    return tuple(layers)


# What the cards compute.


def field_of(layers: Sequence[Sequence[int]]) -> int:
    """The receptive field of layers written as (kernel, stride, padding, dilation)."""
    return receptive_field_top_down([Layer(*layer) for layer in layers])


def field_with_pool(layers: Sequence[Sequence[int]], after: int) -> int:
    """The receptive field once a 2x2 pooling with stride 2 is inserted behind the first `after` layers."""
    return field_of([*layers[:after], _POOL2, *layers[after:]])


def centre(layers: Sequence[Sequence[int]], index: int) -> float:
    """The pixel on which the receptive field of unit `index` is centred."""
    info = receptive_field_bottom_up([Layer(*layer) for layer in layers])
    return info.start + index * info.jump


def _mismatches(layers: Sequence[Layer]) -> bool:
    """Whether two of the four ways to find the field of an interior unit disagree."""
    size, jump, start = receptive_field_bottom_up(layers)
    index = math.ceil(max(0.0, (size - 1) / 2 - start) / jump)  # the first unit that sees no padding
    first, last = input_span(layers, index)
    support = empirical_support(layers, last + 1, index).nonzero().flatten()
    return not (
        receptive_field_top_down(layers) == size == last - first + 1
        and (first + last) / 2 == start + index * jump
        and (int(support[0]), int(support[-1])) == (first, last)
    )


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Compare both formulas with intervals and gradients on 200 random stacks, then with known networks."""
    del device  # counting needs none
    rng = torch.Generator().manual_seed(seed)
    stacks = [_stack(rng, _integer(rng, 1, 4)) for _ in range(200)]
    measured = {
        "mismatches": float(sum(map(_mismatches, stacks))),
        "vgg16_conv5_3": float(receptive_field_top_down(VGG16[:-1])),
        "vgg16_pool5": float(receptive_field_top_down(VGG16)),
        "alexnet_conv5": float(receptive_field_top_down(ALEXNET[:-1])),
        "alexnet_pool5": float(receptive_field_top_down(ALEXNET)),
    }
    return {
        "statement": "Two formulas, interval arithmetic and gradients agree on what a unit sees.",
        "measured": measured,
        "passed": list(measured.values()) == [0.0, 196.0, 212.0, 163.0, 195.0],
    }


def picture(seed: int = 0) -> dict[str, list[float]]:
    """How much each pixel of its field moves a unit, 10 and 40 layers of kernel 3 deep."""
    del seed  # nothing here is drawn
    return {f"{depth} layers": _gradient([Layer(3)] * depth, 81, 40 - depth).tolist() for depth in (10, 40)}


def main(device: str = "cpu") -> None:
    """Walk up AlexNet, then show known fields and how little of a deep one does the work."""
    del device
    for depth in (1, 2, 3, 4, 8):
        print(f"AlexNet, {depth} layers up: {receptive_field_bottom_up(ALEXNET[:depth])}")
    print(f"VGG-16: conv5_3 {receptive_field_top_down(VGG16[:-1])}, pool5 {receptive_field_top_down(VGG16)}")
    print("ResNet-50:", {f"stride in {k}x{k}": receptive_field_top_down(resnet50(k)) for k in (1, 3)})
    for depth in (10, 40, 160):
        share = 4 * effective_width(3, depth) / (1 + 2 * depth)
        print(f"{depth:3} layers of kernel 3: about 95% of the gradient in {share:.0%} of the field")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def _stack(rng: torch.Generator, depth: int) -> list[Layer]:
    return [
        Layer(_integer(rng, 1, 5), _integer(rng, 1, 3), _integer(rng, 0, 2), _integer(rng, 1, 3))
        for _ in range(depth)
    ]


def sample_receptive_field_top_down(seed: int) -> dict[str, object]:
    return {"layers": _stack(torch.Generator().manual_seed(seed), seed % 5)}


def probe_receptive_field_top_down(
    implementation: Callable[[list[Layer]], int], layers: Sequence[Sequence[int]]
) -> int:
    """Hand over layers whose fields have names again, which they lose on their way here."""
    return implementation([Layer(*layer) for layer in layers])


def sample_receptive_field_bottom_up(seed: int) -> dict[str, object]:
    return {"layers": _stack(torch.Generator().manual_seed(seed), (seed + 2) % 5)}


def probe_receptive_field_bottom_up(
    implementation: Callable[[list[Layer]], FieldInfo], layers: Sequence[Sequence[int]]
) -> FieldInfo:
    """Hand over layers whose fields have names again."""
    return implementation([Layer(*layer) for layer in layers])


def sample_input_span(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {"layers": _stack(rng, _integer(rng, 1, 4)), "index": _integer(rng, 0, 6)}


def probe_input_span(
    implementation: Callable[[list[Layer], int], tuple[int, int]],
    layers: Sequence[Sequence[int]],
    index: int,
) -> tuple[int, int]:
    """Hand over layers whose fields have names again."""
    return implementation([Layer(*layer) for layer in layers], index)


def sample_field_of(seed: int) -> dict[str, object]:
    """Three layers, not all of stride 1; one of them is dilated."""
    rng = torch.Generator().manual_seed(seed)
    strides = ((2, 1, 1), (2, 2, 1), (1, 2, 2), (2, 1, 2), (3, 2, 1))[_integer(rng, 0, 4)]
    dilations = ((1, 1, 2), (1, 2, 1), (1, 1, 3))[_integer(rng, 0, 2)]
    kernels = [2 * _integer(rng, 1, 3) + 1, *(_integer(rng, 2, 4) for _ in range(2))]
    layers = [(k, s, _integer(rng, 0, 2), d) for k, s, d in zip(kernels, strides, dilations, strict=True)]
    return {"layers": layers}


def sample_field_with_pool(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    kernels = [(3, 5)[_integer(rng, 0, 1)] for _ in range(4)]
    return {"layers": [(k, 1, k // 2, 1) for k in kernels], "after": _integer(rng, 1, 3)}


def sample_centre(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    first = ((7, 2, 3, 1), (7, 2, 0, 1), (5, 2, 1, 1), (3, 2, 0, 1))[_integer(rng, 0, 3)]
    second = ((3, 2, 1, 1), (3, 2, 0, 1), (2, 2, 0, 1), (3, 1, 0, 1))[_integer(rng, 0, 3)]
    return {"layers": [first, second], "index": _integer(rng, 1, 9)}


def sample_stem(seed: int) -> dict[str, object]:
    """The first layers of a residual network, and a dilated one."""
    rng = torch.Generator().manual_seed(seed)
    rate = _integer(rng, 2, 4)
    return {"stem": [(7, 2, _integer(rng, 2, 3), 1), (3, 2, _integer(rng, 0, 1), 1), (3, 1, rate, rate)]}


def sample_span_of_unit(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    first = ((7, 2, 3, 1), (5, 2, 2, 1), (11, 4, 2, 1))[_integer(rng, 0, 2)]
    return {"layers": [first, (3, 2, 1, 1)], "index": _integer(rng, 0, 3)}


def sample_effective_width(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    kernel, depths = ((3, (6, 24, 54, 96)), (5, (2, 8, 18, 32, 50)), (7, (1, 4, 9, 16, 25)))[
        _integer(rng, 0, 2)
    ]
    return {"kernel": kernel, "depth": depths[_integer(rng, 0, len(depths) - 1)]}


if __name__ == "__main__":
    print(claim())
    main()
