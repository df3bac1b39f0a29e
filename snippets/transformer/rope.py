"""Rotary position embedding: turn queries and keys by their position, and their product sees the distance.

Source: Su, Lu, Pan, Murtadha, Wen, Liu, "RoFormer: Enhanced Transformer with Rotary Position Embedding",
    2021, arXiv:2104.09864, sections 3.2 to 3.4.

Shapes: B batch, H heads, T time steps, D features per head; channels turn in pairs, D/2 of them.
"""

import cmath
import math
from collections.abc import Callable

import torch
from torch import Tensor

__all__ = [
    "apply_rope",
    "claim",
    "main",
    "pair_angle",
    "partner_channel",
    "permute_projection",
    "permute_rope_layout",
    "picture",
    "rope_cos_sin",
    "rope_decay_bound",
    "rope_inv_freq",
    "score_in_plane",
    "wavelength",
]


def rope_inv_freq(dim: int, base: float = 10000.0, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Radians per position for every pair, from 1 down to almost 1/base: (dim/2,), computed in float64."""
    if dim <= 0 or dim % 2:
        raise ValueError(f"dim must be even and positive, not {dim}")
    if base <= 0:
        raise ValueError(f"base must be positive, not {base}")
    if not dtype.is_floating_point:
        raise TypeError(f"dtype must be floating, not {dtype}")
    return (base ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)).to(dtype)


def rope_cos_sin(
    positions: Tensor, dim: int, base: float = 10000.0, *, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    """Cosine and sine of every position times every frequency; the angles are float64.

    positions: (T,) or (B, T), integer or floating
    returns:   cos, sin, each (*positions.shape, dim/2)
    """
    if positions.ndim not in (1, 2):
        raise ValueError(f"positions must be (T,) or (B, T), not {tuple(positions.shape)}")
    if positions.dtype == torch.bool or positions.is_complex():
        raise TypeError(f"positions must be integer or floating, not {positions.dtype}")
    inv_freq = rope_inv_freq(dim, base, dtype=torch.float64).to(positions.device)
    angle = positions[..., None].double() * inv_freq  # (..., T, dim/2)
    return angle.cos().to(dtype), angle.sin().to(dtype)


def apply_rope(
    x: Tensor,
    positions: Tensor,
    base: float = 10000.0,
    *,
    rotary_dim: int | None = None,
    layout: str = "half",
) -> Tensor:
    """Turn each pair of channels (a, b) of a query or key: to (a cos - b sin, a sin + b cos).

    x:          (B, H, T, D)
    positions:  (T,) for all sequences, or (B, T)
    rotary_dim: how many channels turn (the first ones; unset: all D)
    layout:     "half" pairs channel i with i + rotary_dim/2, "interleaved" pairs 2i with 2i + 1
    returns:    (B, H, T, D) in the dtype of x; halves are turned in float32 and rounded once
    """
    if not x.is_floating_point():
        raise TypeError(f"x must be floating, not {x.dtype}")
    if x.ndim != 4:
        raise ValueError(f"x must be (B, H, T, D), not {tuple(x.shape)}")
    if tuple(positions.shape) not in ((x.shape[2],), (x.shape[0], x.shape[2])):
        raise ValueError(
            f"positions must be (T,) or (B, T) for x {tuple(x.shape)}, not {tuple(positions.shape)}"
        )
    if layout not in ("half", "interleaved"):
        raise ValueError(f"layout must be 'half' or 'interleaved', not {layout!r}")
    dim = _rotary_width(x, rotary_dim)
    dtype = torch.promote_types(x.dtype, torch.float32)
    cos, sin = rope_cos_sin(positions, dim, base, dtype=dtype)  # (T, dim/2) or (B, T, dim/2)
    if positions.ndim == 2:
        cos, sin = cos[:, None], sin[:, None]  # (B, 1, T, dim/2): the heads of a sequence share its positions
    turning, rest = x[..., :dim].to(dtype), x[..., dim:]
    if layout == "half":
        a, b = turning[..., : dim // 2], turning[..., dim // 2 :]
        turned = torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
    else:
        a, b = turning[..., 0::2], turning[..., 1::2]
        turned = torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    return torch.cat([turned.to(x.dtype), rest], dim=-1)


def _rotary_width(x: Tensor, rotary_dim: int | None) -> int:
    dim = x.shape[-1] if rotary_dim is None else rotary_dim
    if dim <= 0 or dim % 2 or dim > x.shape[-1]:
        raise ValueError(f"rotary_dim must be even and between 2 and {x.shape[-1]}, not {dim}")
    return dim


def permute_rope_layout(x: Tensor, *, to: str, rotary_dim: int | None = None) -> Tensor:
    """Re-order the first `rotary_dim` channels (last axis) from the other pairing to the pairing `to`."""
    if to not in ("half", "interleaved"):
        raise ValueError(f"to must be 'half' or 'interleaved', not {to!r}")
    if x.ndim == 0:
        raise ValueError("x must have at least one axis")
    dim = _rotary_width(x, rotary_dim)
    rows, columns = (dim // 2, 2) if to == "half" else (2, dim // 2)
    moved = x[..., :dim].reshape(*x.shape[:-1], rows, columns).mT.flatten(-2)
    return torch.cat([moved, x[..., dim:]], dim=-1)


def permute_projection(weight: Tensor, heads: int, *, to: str) -> Tensor:
    """Re-order a query or key projection so that its outputs are paired as `to` says.

    weight:  (heads * D, inputs), as `nn.Linear` keeps it
    returns: the same shape; within each head, rows stand as `permute_rope_layout` orders channels
    """
    if weight.ndim != 2 or heads <= 0 or weight.shape[0] % heads:
        raise ValueError(f"weight must be (heads * D, inputs) for {heads} heads, not {tuple(weight.shape)}")
    by_head = weight.reshape(heads, -1, weight.shape[1])  # (heads, D, inputs)
    return permute_rope_layout(by_head.mT, to=to).mT.reshape(weight.shape)


def rope_decay_bound(distance: Tensor, dim: int, base: float = 10000.0) -> Tensor:
    """Mean over j = 1 ... dim/2 of |S_j|, where S_j adds the first j unit vectors exp(i * distance * theta).

    distance: any shape
    returns:  float64, same shape
    """
    inv_freq = rope_inv_freq(dim, base, dtype=torch.float64).to(distance.device)
    angle = distance[..., None].double() * inv_freq  # (..., dim/2)
    partial_sums = torch.polar(torch.ones_like(angle), angle).cumsum(dim=-1)  # S_1 ... S_{dim/2}
    return partial_sums.abs().mean(dim=-1)


def pair_angle(position: int, pair: int, dim: int, base: float = 10000.0) -> float:
    """The angle in radians by which RoPE turns one pair (counted from 0) at `position`."""
    return float(position * rope_inv_freq(dim, base, dtype=torch.float64)[pair])


def wavelength(pair: int, dim: int, base: float = 10000.0) -> float:
    """After how many positions a pair (counted from 0) has made one full turn."""
    return 2 * math.pi / pair_angle(1, pair, dim, base)


def partner_channel(channel: int, dim: int, layout: str) -> int:
    """The channel that turns together with `channel` when all `dim` channels turn."""
    if layout == "interleaved":
        return channel + 1 if channel % 2 == 0 else channel - 1
    return (channel + dim // 2) % dim


def score_in_plane(
    query: tuple[float, float], key: tuple[float, float], m: int, n: int, degrees: float
) -> float:
    """Score of a 2-D query at position m and a 2-D key at position n, turned by `degrees` per position."""
    turn = cmath.rect(1, math.radians((m - n) * degrees))
    return round((complex(*query) * complex(*key).conjugate() * turn).real, 12)


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Shift query and key by the same amount: rotated scores stay, scores with added sinusoids do not."""
    rng = torch.Generator().manual_seed(seed)
    m, n, shift = torch.randint(0, 4096, (3, 50), generator=rng).to(device)
    q, k = torch.randn(2, 1, 1, 50, 64, generator=rng, dtype=torch.float64).to(device)

    def added(x: Tensor, positions: Tensor) -> Tensor:
        return x + torch.cat(rope_cos_sin(positions, 64, dtype=torch.float64), dim=-1)

    def error(encode: Callable[[Tensor, Tensor], Tensor]) -> float:
        here = (encode(q, m) * encode(k, n)).sum(-1)
        there = (encode(q, m + shift) * encode(k, n + shift)).sum(-1)
        return float((here - there).abs().max())

    measured = {
        "shift_error": error(apply_rope),
        "norm_error": float((apply_rope(q, m).norm(dim=-1) - q.norm(dim=-1)).abs().max()),
        "additive_shift_error": error(added),
    }
    return {
        "statement": "Rotation makes absolute positions act relatively.",
        "measured": measured,
        "passed": measured["shift_error"] < 1e-8
        and measured["norm_error"] < 1e-10
        and measured["additive_shift_error"] > 0.1,
    }


def picture(seed: int = 0) -> dict[str, list[float]]:
    """How the decay bound falls with distance, and that it does not fall at every step."""
    del seed  # nothing here is drawn
    return {"mean |S_j| for D = 128": rope_decay_bound(torch.arange(256), 128).tolist()}


def main(device: str = "cpu") -> None:
    """Show scores at equal distances, then how slow the slow pairs are, then the decay."""
    rng = torch.Generator().manual_seed(0)
    q, k = torch.randn(2, 1, 1, 1, 64, generator=rng, dtype=torch.float64).to(device)
    for m, n in ((3, 0), (13, 10), (4003, 4000), (0, 3)):
        at_m, at_n = (torch.tensor([p], device=device) for p in (m, n))
        score = float((apply_rope(q, at_m) * apply_rope(k, at_n)).sum())
        print(f"query at {m:4}, key at {n:4}: score {score:.9f}")
    print(f"Positions per turn, D = 8: {[round(wavelength(i, 8), 1) for i in range(4)]}")
    bound = rope_decay_bound(torch.tensor([0, 1, 4, 16, 64, 256, 1024]), 128)
    print(f"Bound at distance 0, 1, 4, 16, ..., 1024, D = 128: {[round(b, 1) for b in bound.tolist()]}")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def sample_apply_rope(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    B, H, T, D = _integer(rng, 2, 3), _integer(rng, 2, 3), _integer(rng, 1, 4), 2 * _integer(rng, 4, 6)
    x = torch.randn(B, H, T, D, generator=rng, dtype=(torch.float64, torch.float32)[seed % 2])
    positions, *rows = torch.randint(0, 400, (B + 1, T), generator=rng)
    return {
        "x": x,
        "positions": positions,
        "rows": torch.stack(rows),
        "base": (10000.0, 100.0)[_integer(rng, 0, 1)],
        "rotary_dim": (6, D - 2)[_integer(rng, 0, 1)],
    }


def probe_apply_rope(
    implementation: Callable[..., Tensor],
    x: Tensor,
    positions: Tensor,
    rows: Tensor,
    base: float,
    rotary_dim: int,
) -> dict[str, object]:
    """Ask for both layouts, for one row of positions and for one per sequence, and for a rounded input."""
    short, odd = x.bfloat16(), 2 * positions + 257  # bfloat16 cannot hold such positions
    rounded_once = implementation(short.float(), odd, base).bfloat16()
    return {
        "by default": implementation(x, positions),
        "half": implementation(x, rows, base, rotary_dim=rotary_dim, layout="half"),
        "interleaved": implementation(x, positions, base, rotary_dim=rotary_dim, layout="interleaved"),
        "interleaved, positions per sequence": implementation(x, rows, layout="interleaved"),
        "bfloat16 is rounded once, at the end": torch.equal(implementation(short, odd, base), rounded_once),
    }


def sample_permute_projection(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    heads, width, inputs = _integer(rng, 2, 3), 2 * _integer(rng, 3, 5), _integer(rng, 1, 5)
    weight = torch.randn(heads * width, inputs, generator=rng, dtype=torch.float64)
    return {"weight": weight, "heads": heads}


def probe_permute_projection(
    implementation: Callable[..., Tensor], weight: Tensor, heads: int
) -> dict[str, Tensor]:
    """Convert both ways."""
    return {to: implementation(weight, heads, to=to) for to in ("half", "interleaved")}


def sample_rope_decay_bound(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    shape = ((4,), (2, 3), ())[seed % 3]
    distance = torch.randint(1, 500, shape, generator=rng)
    sizes: dict[str, object] = {"distance": distance, "dim": 2 * _integer(rng, 2, 16)}
    return sizes if seed % 2 else {**sizes, "base": 100.0}


def _sample_pair(seed: int) -> dict[str, int | float]:
    """A width and a base for which the frequencies are powers of ten."""
    rng = torch.Generator().manual_seed(seed)
    dim, base = ((8, 10_000), (4, 10_000), (6, 1_000_000), (12, 1_000_000), (4, 100))[_integer(rng, 0, 4)]
    return {"pair": _integer(rng, 1, dim // 2 - 1), "dim": dim, "base": base}


def sample_pair_angle(seed: int) -> dict[str, object]:
    position = _integer(torch.Generator().manual_seed(seed + 1), 2, 99)
    return {"position": position, **_sample_pair(seed)}


def sample_wavelength(seed: int) -> dict[str, object]:
    return {**_sample_pair(seed)}


def sample_partner_channel(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    dim = (8, 16, 64, 128)[_integer(rng, 0, 3)]
    return {
        "channel": _integer(rng, 0, dim - 1),
        "dim": dim,
        "layout": ("half", "interleaved")[_integer(rng, 0, 1)],
    }


def sample_score_in_plane(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    degrees, distance = ((30, 1), (30, 2), (30, 3), (45, 2), (60, 1), (90, 1), (15, 2), (15, 4))[
        _integer(rng, 0, 7)
    ]
    n = _integer(rng, 5, 50)
    m = n + distance if _integer(rng, 0, 1) else n - distance
    query, key = ((_integer(rng, 1, 4), _integer(rng, -3, 3)) for _ in range(2))
    return {"query": query, "key": key, "m": m, "n": n, "degrees": degrees}


def sample_rope_questions(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    n = _integer(rng, 10, 90)
    asked = ["length", "both move by 5", "the key moves by 5", "they change places", "the key to position 0"]
    picks = torch.randperm(len(asked), generator=rng)[:4].tolist()
    return {"m": n + _integer(rng, 1, 9), "n": n, "asked": [asked[pick] for pick in picks]}


def sample_first_position(seed: int) -> dict[str, object]:
    return {"first": _integer(torch.Generator().manual_seed(seed), 250, 500)}


if __name__ == "__main__":
    print(claim())
    main()
