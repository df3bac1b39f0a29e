"""Dilated (atrous) convolution: spread the taps of a kernel to see farther for the same price.

Source: Yu, Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions", 2015, arXiv:1511.07122;
    Wang et al., "Understanding Convolution for Semantic Segmentation", 2017, arXiv:1702.08502, section 3.2.

Shapes: B batch, I input and O output channels, H, W rows and columns, kh, kw rows and columns of a kernel.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = [
    "claim",
    "coverage",
    "covered_pixels",
    "dilated_conv2d",
    "effective_kernel_size",
    "hdc_max_gap",
    "inflate_kernel",
    "main",
    "output_size",
    "picture",
    "same_padding",
    "stack_field",
]


def effective_kernel_size(kernel_size: int, dilation: int) -> int:
    """How many pixels a kernel spans when its taps stand `dilation` pixels apart."""
    if not isinstance(kernel_size, int) or not isinstance(dilation, int):
        raise TypeError(f"kernel_size and dilation must be integers, not {kernel_size!r} and {dilation!r}")
    if kernel_size < 1 or dilation < 1:
        raise ValueError(f"kernel_size and dilation must be at least 1, not {kernel_size} and {dilation}")
    return dilation * (kernel_size - 1) + 1


def inflate_kernel(weight: Tensor, dilation: int) -> Tensor:
    """Put dilation - 1 zeros between neighbouring taps, in both directions.

    weight:  (O, I, kh, kw)
    returns: (O, I, dilation * (kh - 1) + 1, dilation * (kw - 1) + 1)
    """
    if weight.ndim != 4:
        raise ValueError(f"weight must be (O, I, kh, kw), not {tuple(weight.shape)}")
    kh, kw = weight.shape[2:]
    rows, columns = effective_kernel_size(kh, dilation), effective_kernel_size(kw, dilation)
    inflated = weight.new_zeros(*weight.shape[:2], rows, columns)
    inflated[:, :, ::dilation, ::dilation] = weight
    return inflated


def dilated_conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Tensor:
    """Cross-correlate x with taps that stand `dilation` pixels apart, one tap after the other.

    x:       (B, I, H, W)
    weight:  (O, I, kh, kw)
    bias:    (O,) or None
    returns: (B, O, output rows, output columns)
    """
    _check_conv(x, weight, bias, stride, padding)
    kh, kw = weight.shape[2:]
    x = F.pad(x, (padding, padding, padding, padding))  # (B, I, H + 2p, W + 2p)
    rows = output_size(x.shape[2], kh, stride, 0, dilation)
    columns = output_size(x.shape[3], kw, stride, 0, dilation)
    # The span from the first to the last place where a given tap is put down.
    height, width = stride * (rows - 1) + 1, stride * (columns - 1) + 1
    dtype = torch.result_type(x, weight)
    y = x.new_zeros(x.shape[0], weight.shape[0], rows, columns, dtype=dtype)
    for a in range(kh):
        for b in range(kw):
            top, left = dilation * a, dilation * b
            seen = x[:, :, top : top + height : stride, left : left + width : stride]  # (B, I, rows, columns)
            y = y + torch.einsum("oi,bihw->bohw", weight[:, :, a, b].to(dtype), seen.to(dtype))
    return y if bias is None else y + bias[:, None, None]


def _check_conv(x: Tensor, weight: Tensor, bias: Tensor | None, stride: int, padding: int) -> None:
    if not x.is_floating_point():
        raise TypeError(f"x must be floating, not {x.dtype}")
    if x.ndim != 4 or weight.ndim != 4 or x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"x (B, I, H, W) and weight (O, I, kh, kw) do not fit: {tuple(x.shape)}, {tuple(weight.shape)}"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"bias must be ({weight.shape[0]},), not {tuple(bias.shape)}")
    if stride < 1 or padding < 0:
        raise ValueError(f"stride must be at least 1 and padding at least 0, not {stride} and {padding}")


def output_size(size: int, kernel_size: int, stride: int, padding: int, dilation: int) -> int:
    """How many outputs a convolution has along an axis of `size` pixels, padded at both ends."""
    room = size + 2 * padding - effective_kernel_size(kernel_size, dilation)
    if room < 0:
        raise ValueError(f"{size} pixels and twice {padding} are fewer than the effective kernel spans")
    return room // stride + 1


def same_padding(kernel_size: int, dilation: int) -> int:
    """The padding at each end that keeps the size at stride 1, for an odd kernel."""
    return (effective_kernel_size(kernel_size, dilation) - 1) // 2


def coverage(dilations: Sequence[int], *, kernel_size: int = 3) -> Tensor:
    """Which pixels of its receptive field a unit depends on, after a stack of stride-1 layers.

    dilations: the rate of each layer
    returns:   bool (R, R) with R = 1 + (kernel_size - 1) * sum(dilations)
    """
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(f"kernel_size must be odd, not {kernel_size}")
    if not dilations or min(dilations) < 1:
        raise ValueError(f"dilations must be one or more rates from 1 on, not {dilations!r}")
    reached = {0}  # offsets from the first pixel of the field
    for rate in dilations:
        reached = {offset + rate * tap for offset in reached for tap in range(kernel_size)}
    line = torch.zeros(1 + (kernel_size - 1) * sum(dilations), dtype=torch.bool)
    line[sorted(reached)] = True
    return line[:, None] & line  # rows and columns are chosen independently


def hdc_max_gap(dilations: Sequence[int]) -> int:
    """M_2, a bound on the gaps that layers 2 ... n leave for a first layer to fill.

    dilations: the rates r_1 ... r_n of 3x3 layers in the order of the data, two or more
    """
    if len(dilations) < 2 or min(dilations) < 1:
        raise ValueError(f"dilations must be two or more rates from 1 on, not {dilations!r}")
    gap = dilations[-1]
    for rate in dilations[-2:0:-1]:  # from the last layer but one to the second
        gap = max(gap - 2 * rate, 2 * rate - gap, rate)
    return gap


def stack_field(dilations: Sequence[int], kernel_size: int = 3) -> int:
    """The side of the receptive field of stacked stride-1 layers."""
    return 1 + (kernel_size - 1) * sum(dilations)


def covered_pixels(dilations: Sequence[int], kernel_size: int = 3) -> int:
    """How many pixels of its receptive field a unit really depends on."""
    return int(coverage(dilations, kernel_size=kernel_size).sum())


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Compare two stacks with equal receptive fields: one has holes, the other has none."""
    del seed, device  # nothing here is drawn, and counting needs no device
    holes, full = coverage((2, 2, 2)), coverage((1, 2, 3))
    measured = {
        "field_222": float(holes.shape[0]),
        "field_123": float(full.shape[0]),
        "covered_222": float(holes.sum()),
        "covered_123": float(full.sum()),
    }
    return {
        "statement": "Rates (2, 2, 2) and (1, 2, 3) span 13x13 pixels; the first use 49, the second all.",
        "measured": measured,
        "passed": list(measured.values()) == [13.0, 13.0, 49.0, 169.0],
    }


def picture(seed: int = 0) -> dict[str, list[list[float]]]:
    """The field of a unit above rates (2, 2, 2), where 1 is a pixel that it depends on."""
    del seed  # nothing here is drawn
    return {"rates 2, 2, 2": coverage((2, 2, 2)).double().tolist()}


def main(device: str = "cpu") -> None:
    """Convolve with an inflated kernel and with spread taps, then show fields with and without holes."""
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(1, 2, 9, 9, generator=rng, dtype=torch.float64).to(device)
    weight = torch.randn(3, 2, 3, 3, generator=rng, dtype=torch.float64).to(device)
    difference = dilated_conv2d(x, weight, dilation=3) - F.conv2d(x, inflate_kernel(weight, 3))
    print(f"Spread taps against a kernel with zeros: they differ by {float(difference.abs().max()):.0e}")
    for rates in ((1, 1, 1), (1, 2, 4), (2, 2, 2), (1, 2, 3), (1, 2, 5), (1, 2, 9), (2, 4, 8)):
        side = stack_field(rates)
        share = covered_pixels(rates) / side**2
        print(
            f"Rates {rates}: field {side:2} x {side:2}, {share:4.0%} of it used, M_2 = {hdc_max_gap(rates)}"
        )


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def _rates(rng: torch.Generator, count: int, high: int) -> list[int]:
    return [_integer(rng, 1, high) for _ in range(count)]


def sample_effective_kernel_size(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {"kernel_size": _integer(rng, 2, 7), "dilation": _integer(rng, 2, 12)}


def sample_same_padding(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {"kernel_size": 2 * _integer(rng, 1, 4) + 1, "dilation": _integer(rng, 2, 12)}


def sample_output_size(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {
        "size": _integer(rng, 30, 99),
        "kernel_size": _integer(rng, 2, 5),
        "stride": _integer(rng, 1, 3),
        "padding": _integer(rng, 0, 6),
        "dilation": _integer(rng, 2, 6),
    }


def sample_inflate_kernel(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    shape = [_integer(rng, 1, 4) for _ in range(4)]
    weight = torch.randn(shape, generator=rng, dtype=(torch.float64, torch.float32)[seed % 2])
    return {"weight": weight, "dilation": _integer(rng, 1, 4)}


def sample_dilated_conv2d(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    dilation, stride, padding = _integer(rng, 1, 3), _integer(rng, 1, 3), _integer(rng, 0, 3)
    batch, inputs, outputs, kh, kw = (_integer(rng, 1, 3) for _ in range(5))
    height, width = (dilation * (k - 1) + _integer(rng, 1, 6) for k in (kh, kw))
    x = torch.randn(batch, inputs, height, width, generator=rng, dtype=torch.float64)
    weight = torch.randn(outputs, inputs, kh, kw, generator=rng, dtype=torch.float64)
    bias = torch.randn(outputs, generator=rng, dtype=torch.float64) if seed % 3 else None
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    options.pop(
        ("stride", "padding", "dilation", "")[seed % 4], None
    )  # at times a default is left to do its work
    return {"x": x, "weight": weight, "bias": bias, **options}


def sample_stack_field(seed: int) -> dict[str, object]:
    return {"dilations": _rates(torch.Generator().manual_seed(seed), 3, 9)}


def sample_covered_pixels(seed: int) -> dict[str, object]:
    """Three rates, most of which leave holes."""
    rng = torch.Generator().manual_seed(seed)
    rate = _integer(rng, 2, 5)
    others = ([rate, rate], [2 * rate, rate], [2 * rate, 3 * rate], [1, rate], [rate, 3 * rate])
    return {"dilations": [rate, *others[_integer(rng, 0, len(others) - 1)]]}


def sample_coverage_row(seed: int) -> dict[str, object]:
    """Two equal rates, or one that is twice the other."""
    rng = torch.Generator().manual_seed(seed)
    rate = _integer(rng, 2, 3)
    return {"rates": ([rate, rate], [rate, 2 * rate], [1, 4], [2, 3], [1, 3])[_integer(rng, 0, 4)]}


def sample_rate(seed: int) -> dict[str, object]:
    return {"rate": _integer(torch.Generator().manual_seed(seed), 1, 3)}


def sample_hdc_max_gap(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {"dilations": _rates(rng, _integer(rng, 2, 5), 9)}


def sample_gap_of_three(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {"dilations": [1, _integer(rng, 2, 5), _integer(rng, 3, 14)]}


if __name__ == "__main__":
    print(claim())
    main()
