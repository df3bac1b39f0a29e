"""Rotary position embedding as a Triton kernel: one tile of positions a program, all heads with one table.

Source: Su, Lu, Pan, Murtadha, Wen, Liu, "RoFormer: Enhanced Transformer with Rotary Position Embedding",
    2021, arXiv:2104.09864, section 3.4.2.

Shapes: B batch, H heads, T time steps, D features per head; the first 2P features turn, in P pairs.

On a CPU the kernels run through Triton's interpreter: set TRITON_INTERPRET=1 before Triton is imported.
"""

from typing import Any

import torch
import triton  # type: ignore[import-untyped]
import triton.language as tl  # type: ignore[import-untyped]
from torch import Tensor

__all__ = ["apply_rope_triton", "claim", "main", "rope_torch", "rotate_rows"]


@triton.jit  # type: ignore[untyped-decorator]
def rows_kernel(out, x, cos, sin, pairs, width, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]
    """Turn one row, in the layout "half". BLOCK: pairs, rounded up to a power of two."""
    row = tl.program_id(0).to(tl.int64)
    pair = tl.arange(0, BLOCK)
    inside = pair < pairs
    c = tl.load(cos + row * pairs + pair, mask=inside, other=0.0)
    s = tl.load(sin + row * pairs + pair, mask=inside, other=0.0)
    at = row * width + pair
    a = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    b = tl.load(x + at + pairs, mask=inside, other=0.0).to(tl.float32)
    # A lane beyond the last pair would write into the other half, or into channels that do not turn.
    tl.store(out + at, a * c - b * s, mask=inside)
    tl.store(out + at + pairs, a * s + b * c, mask=inside)


def rotate_rows(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn pair i, the channels i and P + i, of each row.

    x:        (N, D), float16 or float32
    cos, sin: (N, P) with 2P at most D; channels from 2P on stay
    """
    if x.dtype not in (torch.float16, torch.float32):
        raise TypeError(f"x must be float16 or float32, not {x.dtype}")
    if x.ndim != 2 or cos.ndim != 2 or cos.shape != sin.shape or len(x) != len(cos):
        raise ValueError(f"cos and sin must be (N, P), not {tuple(cos.shape)} for x {tuple(x.shape)}")
    if 2 * cos.shape[1] > x.shape[1]:
        raise ValueError(f"cos must have at most half as many columns as x, not {cos.shape[1]}")
    out, pairs = x.clone(memory_format=torch.contiguous_format), cos.shape[1]
    if cos.numel():
        tables = (table.float().contiguous() for table in (cos, sin))
        block = triton.next_power_of_2(pairs)
        rows_kernel[(len(x),)](out, x.contiguous(), *tables, pairs, x.shape[1], BLOCK=block)
    return out


@triton.jit  # type: ignore[untyped-decorator]
def rope_kernel(  # type: ignore[no-untyped-def]
    out,
    x,
    cos,
    sin,
    H,
    T,
    D,
    x_b,
    x_h,
    x_t,
    x_d,
    table_b,
    PAIRS: tl.constexpr,
    INTERLEAVED: tl.constexpr,
    BLOCK_T: tl.constexpr,
    BLOCK_P: tl.constexpr,
):
    """Turn BLOCK_T positions of one sequence in all heads. x_b to x_d: strides of x; out is contiguous."""
    sequence = tl.program_id(1).to(tl.int64)  # offsets into long caches do not fit into 32 bits
    t = tl.program_id(0).to(tl.int64) * BLOCK_T + tl.arange(0, BLOCK_T)[:, None]
    pair = tl.arange(0, BLOCK_P)[None, :]
    inside = (t < T) & (pair < PAIRS)  # (BLOCK_T, BLOCK_P)
    at_angle = sequence * table_b + t * PAIRS + pair
    c = tl.load(cos + at_angle, mask=inside, other=0.0)  # read once, used by every head
    s = tl.load(sin + at_angle, mask=inside, other=0.0)

    if INTERLEAVED:
        first, second = 2 * pair, 2 * pair + 1
    else:
        first, second = pair, pair + PAIRS
    source = x + sequence * x_b + t * x_t
    target = out + sequence * H * T * D + t * D
    for _ in range(H):
        a = tl.load(source + first * x_d, mask=inside, other=0.0).to(tl.float32)
        b = tl.load(source + second * x_d, mask=inside, other=0.0).to(tl.float32)
        tl.store(target + first, (a * c - b * s).to(out.dtype.element_ty), mask=inside)
        tl.store(target + second, (a * s + b * c).to(out.dtype.element_ty), mask=inside)
        source += x_h
        target += T * D


def apply_rope_triton(
    x: Tensor,
    positions: Tensor,
    base: float = 10000.0,
    *,
    rotary_dim: int | None = None,
    layout: str = "half",
    block_t: int = 16,
) -> Tensor:
    """Turn each pair of channels (a, b) of a query or key: to (a cos - b sin, a sin + b cos), in float32.

    x:          (B, H, T, D), float16, bfloat16 or float32, of any strides
    positions:  (T,) for all sequences, or (B, T)
    rotary_dim: how many channels turn (the first ones; unset: all D)
    layout:     "half" pairs channel i with i + rotary_dim/2, "interleaved" pairs 2i with 2i + 1
    block_t:    positions of a tile, a power of two
    returns:    (B, H, T, D) in the dtype of x, contiguous
    """
    dim = x.shape[-1] if rotary_dim is None and x.ndim else rotary_dim or 0
    _check(x, positions, base, dim, layout, block_t)
    if x.dtype == torch.bfloat16 and x.device.type == "cpu":  # Triton's interpreter would cut, not round
        options: dict[str, Any] = {"rotary_dim": rotary_dim, "layout": layout, "block_t": block_t}
        return apply_rope_triton(x.float(), positions, base, **options).bfloat16()
    B, H, T, D = x.shape
    cos, sin = _tables(positions, dim, base)  # (T, P) or (B, T, P), float32
    out = x.new_empty(B, H, T, D)
    out[..., dim:] = x[..., dim:]
    if out.numel():
        rope_kernel[(triton.cdiv(T, block_t), B)](
            *(out, x, cos, sin, H, T, D),
            *x.stride(),
            cos.stride(0) if positions.ndim == 2 else 0,
            PAIRS=dim // 2,
            INTERLEAVED=layout == "interleaved",
            BLOCK_T=block_t,
            BLOCK_P=triton.next_power_of_2(dim // 2),
        )
    return out


def _tables(positions: Tensor, dim: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines from float64 angles, rounded once: an angle of 4,000 has an error in float32."""
    exponents = torch.arange(0, dim, 2, dtype=torch.float64, device=positions.device) / dim
    angle = positions[..., None].double() * base**-exponents
    return angle.cos().float(), angle.sin().float()


def _check(x: Tensor, positions: Tensor, base: float, dim: int, layout: str, block_t: int) -> None:
    if x.dtype not in (torch.float16, torch.bfloat16, torch.float32):
        raise TypeError(f"x must be one of the 16- or 32-bit floats, not {x.dtype}")
    if positions.dtype == torch.bool or positions.is_complex():
        raise TypeError(f"positions must be integer or floating, not {positions.dtype}")
    if x.ndim != 4:
        raise ValueError(f"x must be (B, H, T, D), not {tuple(x.shape)}")
    if tuple(positions.shape) not in ((x.shape[2],), (x.shape[0], x.shape[2])):
        raise ValueError(
            f"positions must be (T,) or (B, T) for x {tuple(x.shape)}, not {tuple(positions.shape)}"
        )
    if layout not in ("half", "interleaved"):
        raise ValueError(f"layout must be 'half' or 'interleaved', not {layout!r}")
    if dim <= 0 or dim % 2 or dim > x.shape[-1]:
        raise ValueError(f"rotary_dim must be even and between 2 and {x.shape[-1]}, not {dim}")
    if base <= 0:
        raise ValueError(f"base must be positive, not {base}")
    if block_t < 1 or block_t & (block_t - 1):
        raise ValueError(f"block_t must be a power of two, not {block_t}")


def rope_torch(
    x: Tensor,
    positions: Tensor,
    base: float = 10000.0,
    *,
    rotary_dim: int | None = None,
    layout: str = "half",
) -> Tensor:
    """The same as a product of complex numbers in float64: what the kernel is compared with."""
    dim = x.shape[-1] if rotary_dim is None else rotary_dim
    cut, axis = ((2, dim // 2), -2) if layout == "half" else ((dim // 2, 2), -1)
    a, b = x[..., :dim].double().reshape(*x.shape[:-1], *cut).unbind(axis)
    exponents = torch.arange(0, dim, 2, dtype=torch.float64, device=x.device) / dim
    angle = positions[..., None].double() * base**-exponents
    angle = angle[:, None] if positions.ndim == 2 else angle
    turned = torch.complex(a, b) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([torch.stack([turned.real, turned.imag], axis).flatten(-2), x[..., dim:].double()], -1)


def claim(seed: int = 0, device: str = "cpu") -> dict[str, Any]:
    """Compare the kernel with complex numbers in float64, for sizes that fit no tile."""
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 3, 21, 24, generator=rng).to(device)
    positions = torch.randint(0, 4096, (2, 21), generator=rng).to(device)
    measured = {}
    for layout in ("half", "interleaved"):
        for dtype in (torch.float32, torch.float16):
            short = x.to(dtype)
            turned = apply_rope_triton(short, positions, rotary_dim=22, layout=layout)
            expected = rope_torch(short, positions, rotary_dim=22, layout=layout)
            name = str(dtype).removeprefix("torch.")
            measured[f"{layout}_error_{name}"] = float((turned - expected).abs().max())
    return {
        "statement": "The kernel turns pairs as complex numbers turn, in either layout, and rounds once.",
        "measured": measured,
        "passed": all(error < (1e-5 if "32" in name else 4e-3) for name, error in measured.items()),
    }


def main(device: str = "cpu") -> None:
    """Show that scores of turned vectors depend on the distance, and that a tail does no harm."""
    rng = torch.Generator().manual_seed(0)
    q, k = torch.randn(2, 1, 1, 1, 12, generator=rng).to(device)
    for m, n in ((3, 0), (13, 10), (0, 3)):
        at_m, at_n = (torch.tensor([p], device=device) for p in (m, n))
        score = float((apply_rope_triton(q, at_m) * apply_rope_triton(k, at_n)).sum())
        print(f"query at {m:2}, key at {n:2}: score {score:.4f}")
    x = torch.randn(2, 3, 19, 12, generator=rng).to(device)
    positions = torch.arange(19, device=device)
    turned = apply_rope_triton(x, positions, rotary_dim=10)
    error = float((turned - rope_torch(x, positions, rotary_dim=10)).abs().max())
    print(f"19 positions in tiles of 16, 5 pairs in blocks of 8: largest error {error:.0e}")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def sample_rotate_rows(seed: int) -> dict[str, object]:
    """Rows of which all channels turn or only some, and as many pairs as fill a block or leave a tail."""
    rng = torch.Generator().manual_seed(seed)
    rows, pairs, rest = _integer(rng, 1, 3), (3, 4, 5, 1, 6, 7)[seed % 6], (4, 0, 1, 8)[seed % 4]
    angle = 6 * torch.rand(rows, pairs, generator=rng)
    x = torch.randn(rows, 2 * pairs + rest, generator=rng)
    return {"x": x.half() if seed % 3 == 2 else x, "cos": angle.cos(), "sin": angle.sin()}


def sample_pair_loads(seed: int) -> dict[str, object]:
    """A layout, how many channels of a row turn, and how wide the row is: 2 or 3 pairs for 4 lanes."""
    rng = torch.Generator().manual_seed(seed)
    rotary_dim = 2 * _integer(rng, 2, 3)
    return {
        "layout": ("half", "interleaved")[_integer(rng, 0, 1)],
        "rotary_dim": rotary_dim,
        "width": rotary_dim + 2 * _integer(rng, 0, 2),
        "row": _integer(rng, 0, 1),
        "other": -_integer(rng, 1, 9),
    }


if __name__ == "__main__":
    print(claim())
    main()
