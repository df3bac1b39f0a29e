"""How a transformer learns the order of its tokens: absolute and relative position encodings.

Source: Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762, section 3.5 (sinusoids);
    Shaw, Uszkoreit, Vaswani, "Self-Attention with Relative Position Representations", 2018, arXiv:1803.02155;
    Dai et al., "Transformer-XL", 2019, arXiv:1901.02860, section 3.3; Raffel et al., "Exploring the Limits of
    Transfer Learning with a Unified Text-to-Text Transformer" (T5), 2019, arXiv:1910.10683, section 2.1;
    He et al., "DeBERTa", 2020, arXiv:2006.03654, section 3.1.

Shapes: B batch, H heads, T time steps, D features per head, K the largest distance that is told apart.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = [
    "claim",
    "deberta_disentangled_scores",
    "main",
    "picture",
    "position_parameters",
    "rel_shift",
    "relative_positions",
    "shaw_attention",
    "sinusoidal_encoding",
    "t5_bucket",
    "t5_relative_bucket",
    "transformer_xl_scores",
]


def _check_shape(name: str, x: Tensor, *shape: int) -> None:
    if tuple(x.shape) != shape:
        raise ValueError(f"{name} must have shape {shape}, not {tuple(x.shape)}")


def _check_heads(q: Tensor, **others: Tensor) -> None:
    """`q` must be floating and (B, H, T, D), and the others of its shape."""
    if not q.is_floating_point():
        raise TypeError(f"q must be floating, not {q.dtype}")
    if q.ndim != 4:
        raise ValueError(f"q must be (B, H, T, D), not {tuple(q.shape)}")
    for name, x in others.items():
        _check_shape(name, x, *q.shape)


def _widened(first: Tensor, *others: Tensor) -> list[Tensor]:
    """The tensors in the dtype to compute in: that of the first, but float32 for halves."""
    dtype = torch.promote_types(first.dtype, torch.float32)
    return [x.to(dtype) for x in (first, *others)]


def sinusoidal_encoding(
    length: int,
    dim: int,
    base: float = 10000.0,
    *,
    layout: str = "interleaved",
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Describe each position by sines and cosines, from fast to slow. Computed in float64.

    layout:  "interleaved": sin, cos, sin, cos, ...; "half": all sines, then all cosines
    returns: (length, dim)
    raises:  ValueError if length < 0, dim is odd or <= 0, base <= 0, or the layout is unknown
    """
    if length < 0:
        raise ValueError(f"length must not be negative, but is {length}")
    if dim <= 0 or dim % 2:
        raise ValueError(f"dim must be even and positive, not {dim}")
    if base <= 0:
        raise ValueError(f"base must be positive, not {base}")
    if layout not in ("interleaved", "half"):
        raise ValueError(f"layout must be 'interleaved' or 'half', not {layout!r}")
    if not dtype.is_floating_point:
        raise TypeError(f"dtype must be floating, not {dtype}")
    frequency = base ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)  # (dim/2,)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * frequency  # (length, dim/2)
    if layout == "half":
        table = torch.cat([angle.sin(), angle.cos()], dim=1)
    else:
        table = torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)
    return table.to(dtype)


def relative_positions(tq: int, tk: int) -> Tensor:
    """Key position minus query position, int64 (tq, tk); the queries are the last `tq` of `tk` positions."""
    if not 0 <= tq <= tk:
        raise ValueError(f"tq must lie between 0 and tk = {tk}, not at {tq}")
    return torch.arange(tk)[None, :] - torch.arange(tk - tq, tk)[:, None]


def t5_relative_bucket(
    relative_position: Tensor,
    *,
    bidirectional: bool = True,
    num_buckets: int = 32,
    max_distance: int = 128,
) -> Tensor:
    """The row of T5's bias table for each key - query: near ones exactly, far ones by the logarithm.

    relative_position: integers of any shape
    bidirectional:     half of the buckets for key <= query, the rest for key > query;
                       otherwise all for key <= query, and every key ahead falls into bucket 0
    returns:           int64, same shape
    """
    if relative_position.is_floating_point() or relative_position.dtype == torch.bool:
        raise TypeError(f"relative_position must be integer, not {relative_position.dtype}")
    n = num_buckets // 2 if bidirectional else num_buckets  # buckets per direction
    exact = n // 2
    if exact < 1 or (bidirectional and num_buckets % 2):
        raise ValueError(f"num_buckets must split into halves, but is {num_buckets}")
    if max_distance <= exact:
        raise ValueError(f"max_distance must exceed the {exact} exact distances, but is {max_distance}")
    offset = relative_position.long()
    distance = offset.abs() if bidirectional else (-offset).clamp(min=0)
    share = (distance.clamp(min=exact).double() / exact).log2() / math.log2(max_distance / exact)
    far = (exact + (share * (n - exact)).floor().long()).clamp(max=n - 1)
    bucket = torch.where(distance < exact, distance, far)
    return bucket + n * (offset > 0) if bidirectional else bucket


def shaw_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    rel_k: Tensor,
    rel_v: Tensor | None = None,
    *,
    max_distance: int,
    mask: Tensor | None = None,
) -> Tensor:
    """Attention in which every key (and value) also says how far away it is, up to `max_distance`.

    q, k, v:      (B, H, T, D)
    rel_k, rel_v: (2K+1, D), K = max_distance; row K belongs to distance 0, row 2K to keys K or more ahead
    mask:         bool, broadcastable to (B, H, T, T), True = attend; a query that may attend nowhere is NaN
    returns:      (B, H, T, D)
    """
    _check_heads(q, k=k, v=v)
    B, H, T, D = q.shape
    if max_distance < 0:
        raise ValueError(f"max_distance must not be negative, but is {max_distance}")
    _check_shape("rel_k", rel_k, 2 * max_distance + 1, D)
    if rel_v is not None:
        _check_shape("rel_v", rel_v, 2 * max_distance + 1, D)
    if mask is not None:
        _check_mask(mask, (B, H, T, T))
    query, key, value, rel_key = _widened(q, k, v, rel_k)
    row = relative_positions(T, T).clamp(-max_distance, max_distance).to(q.device) + max_distance  # (T, T)
    scores = query @ key.mT + torch.einsum("bhid,ijd->bhij", query, rel_key[row])
    scores = scores / math.sqrt(D)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(dim=-1)  # (B, H, T, T)
    mixed = weights @ value
    if rel_v is not None:
        mixed = mixed + torch.einsum("bhij,ijd->bhid", weights, rel_v.to(weights.dtype)[row])
    return mixed.to(q.dtype)


def _check_mask(mask: Tensor, shape: tuple[int, ...]) -> None:
    if mask.dtype != torch.bool:
        raise TypeError(f"mask must be bool, not {mask.dtype}")
    fits = all(have in (1, want) for have, want in zip(mask.shape[::-1], shape[::-1], strict=False))
    if mask.ndim > len(shape) or not fits:
        raise ValueError(f"mask must be broadcastable to {shape}, but is {tuple(mask.shape)}")


def rel_shift(x: Tensor) -> Tensor:
    """Turn scores per distance into scores per key, with a reshape instead of a gather.

    x:       (B, H, T, 2T-1); column c holds distance i - j = T-1-c
    returns: (B, H, T, T); [..., i, j] = x[..., i, T-1-(i-j)]
    """
    if x.ndim != 4 or x.shape[-1] != 2 * x.shape[-2] - 1:
        raise ValueError(f"x must be (B, H, T, 2T-1), not {tuple(x.shape)}")
    B, H, T, _ = x.shape
    cells = F.pad(x, (1, 0)).flatten(2)  # (B, H, T * 2T)
    # Cut into rows that are one cell too short, each row starts one distance further on than the row before.
    return cells[..., T:].reshape(B, H, T, 2 * T - 1)[..., :T]


def transformer_xl_scores(q: Tensor, k: Tensor, r: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Scores of Transformer-XL and XLNet before the softmax: (q + u)·k for content, (q + v)·r for distance.

    q, k:    (B, H, T, D)
    r:       (H, 2T-1, D), projected sinusoids of the distances T-1 ... -(T-1), in the order of `rel_shift`
    u, v:    (H, D), what every query asks of content and of distance, whatever it holds itself
    returns: (B, H, T, T), scaled by 1/sqrt(D)
    """
    _check_heads(q, k=k)
    _, H, T, D = q.shape
    _check_shape("r", r, H, 2 * T - 1, D)
    _check_shape("u", u, H, D)
    _check_shape("v", v, H, D)
    query, key, distance, for_content, for_distance = _widened(q, k, r, u, v)
    content = (query + for_content[:, None]) @ key.mT  # (B, H, T, T)
    position = rel_shift((query + for_distance[:, None]) @ distance.mT)  # (B, H, T, T)
    return ((content + position) / math.sqrt(D)).to(q.dtype)


def deberta_disentangled_scores(
    q: Tensor, k: Tensor, q_r: Tensor, k_r: Tensor, *, max_distance: int
) -> Tensor:
    """DeBERTa's scores: content to content, content to position, position to content; before the softmax.

    q, k:     (B, H, T, D)
    q_r, k_r: (H, 2K, D), projected embeddings of the distances -K ... K-1, K = max_distance
    returns:  (B, H, T, T), scaled by 1/sqrt(3D) because three terms are added
    """
    _check_heads(q, k=k)
    B, H, T, D = q.shape
    if max_distance < 1:
        raise ValueError(f"max_distance must be positive, not {max_distance}")
    _check_shape("q_r", q_r, H, 2 * max_distance, D)
    _check_shape("k_r", k_r, H, 2 * max_distance, D)
    query, key, query_r, key_r = _widened(q, k, q_r, k_r)
    delta = (max_distance - relative_positions(T, T)).clamp(
        0, 2 * max_distance - 1
    )  # [i, j]: clip(i - j + K)
    delta = delta.to(q.device).expand(B, H, T, T)
    content = query @ key.mT
    content_to_position = (query @ key_r.mT).gather(-1, delta)  # [i, j] = q_i · k_r[delta(i, j)]
    position_to_content = (key @ query_r.mT).gather(-1, delta).mT  # [i, j] = k_j · q_r[delta(j, i)]
    return ((content + content_to_position + position_to_content) / math.sqrt(3 * D)).to(q.dtype)


def t5_bucket(offset: int, attention: str) -> int:
    """The default T5 bucket of one key - query `offset`; `attention` is "bidirectional" or "causal"."""
    return int(t5_relative_bucket(torch.tensor(offset), bidirectional=attention == "bidirectional"))


def position_parameters(scheme: str, layers: int, heads: int, width: int, reach: int) -> int:
    """How many numbers a scheme learns for positions, projection matrices aside.

    scheme: "Shaw" (key and value tables in each layer, shared by its heads), "T5" (32 biases per head, shared
            by all layers) or "DeBERTa" (one table as wide as all heads together, shared by all layers)
    width:  features of one head
    reach:  the largest distance K of Shaw and DeBERTa
    """
    match scheme:
        case "Shaw":
            return layers * 2 * (2 * reach + 1) * width
        case "T5":
            return 32 * heads
        case "DeBERTa":
            return 2 * reach * heads * width
    raise ValueError(f"scheme must be 'Shaw', 'T5' or 'DeBERTa', not {scheme!r}")


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Shuffle tokens before and after an attention layer: the two agree only where no position is known."""
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(1, 1, 12, 16, generator=rng, dtype=torch.float64).to(device)
    layers = _random_layers(rng, x)
    order = torch.randperm(12, generator=rng).to(device)
    gaps = {name: float((f(x[:, :, order]) - f(x)[:, :, order]).abs().max()) for name, f in layers.items()}
    table = sinusoidal_encoding(64, 32, dtype=torch.float64).to(device)
    gram = table @ table.mT
    spread = max(float(gram.diagonal(k).max() - gram.diagonal(k).min()) for k in range(64))
    encoded = [gap for name, gap in gaps.items() if name != "none"]
    return {
        "statement": "Attention is blind to order until a position encoding is added.",
        "measured": {**gaps, "sinusoid_toeplitz_error": spread},
        "passed": gaps["none"] < 1e-10 and min(encoded) > 1e-2 and spread < 1e-10,
    }


def _random_layers(rng: torch.Generator, x: Tensor) -> dict[str, Callable[[Tensor], Tensor]]:
    """One attention layer with random weights for inputs like `x`, under each position encoding."""
    T, D, K = x.shape[-2], x.shape[-1], 3

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=rng, dtype=x.dtype).to(x.device)

    w_q, w_k, w_v = draw(3, D, D) / math.sqrt(D)
    rel_k, rel_v = draw(2, 2 * K + 1, D)
    bias = draw(32)[t5_relative_bucket(relative_positions(T, T)).to(x.device)]  # (T, T)
    r, u, v = draw(1, 2 * T - 1, D), draw(1, D), draw(1, D)
    q_r, k_r = draw(2, 1, 2 * K, D)
    table = sinusoidal_encoding(T, D, dtype=x.dtype).to(x.device)

    def attend(x: Tensor, scores: Tensor) -> Tensor:
        values: Tensor = x @ w_v
        return scores.softmax(dim=-1) @ values

    def plain(x: Tensor) -> Tensor:
        return attend(x, x @ w_q @ (x @ w_k).mT / math.sqrt(D))

    return {
        "none": plain,
        "sinusoidal": lambda x: plain(x + table),
        "shaw": lambda x: shaw_attention(x @ w_q, x @ w_k, x @ w_v, rel_k, rel_v, max_distance=K),
        "t5": lambda x: attend(x, x @ w_q @ (x @ w_k).mT + bias),
        "xl": lambda x: attend(x, transformer_xl_scores(x @ w_q, x @ w_k, r, u, v)),
        "deberta": lambda x: attend(
            x, deberta_disentangled_scores(x @ w_q, x @ w_k, q_r, k_r, max_distance=K)
        ),
    }


def picture(seed: int = 0) -> dict[str, list[list[float]]]:
    """The sinusoidal table: positions downward, sines left, cosines right, each from fast to slow."""
    del seed  # nothing here is drawn
    return {"sinusoids": sinusoidal_encoding(48, 32, layout="half").tolist()}


def main(device: str = "cpu") -> None:
    """Show what a layer knows of order under each encoding, and how coarse T5 becomes with distance."""
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(1, 1, 6, 16, generator=rng).to(device)
    print("How far f(reversed x) is from reversed f(x):")
    for name, layer in _random_layers(rng, x).items():
        print(f"  {name:<10} {float((layer(x.flip(2)) - layer(x).flip(2)).abs().max()):.6f}")
    distance = torch.tensor([0, 1, 7, 8, 12, 20, 50, 90, 91, 128, 1000])
    print(f"Tokens back: {distance.tolist()}")
    print(f"T5's bucket: {t5_relative_bucket(-distance).tolist()}")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def sample_sinusoidal_encoding(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    base, dtype = (10000.0, 100.0, 500.0)[seed % 3], (torch.float64, torch.float32)[seed % 2]
    return {"length": _integer(rng, 3, 9), "dim": 2 * _integer(rng, 2, 5), "base": base, "dtype": dtype}


def probe_sinusoidal_encoding(
    implementation: Callable[..., Tensor], length: int, dim: int, base: float, dtype: torch.dtype
) -> dict[str, Tensor]:
    """Ask for both layouts, for the defaults, and for no position at all."""
    return {
        "by default": implementation(length, dim),
        "interleaved": implementation(length, dim, base, layout="interleaved", dtype=dtype),
        "half": implementation(length, dim, base, layout="half", dtype=dtype),
        "no position": implementation(0, dim),
    }


def sample_t5_relative_bucket(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    num_buckets, max_distance = ((32, 128), (10, 20), (16, 50), (6, 13))[_integer(rng, 0, 3)]
    near = torch.arange(-128, 129)
    far = torch.randint(-1000, 1000, (2 * _integer(rng, 1, 3) + 1,), generator=rng)
    offsets = torch.cat([near, far]).reshape(2, -1)
    return {"relative_position": offsets, "num_buckets": num_buckets, "max_distance": max_distance}


def probe_t5_relative_bucket(
    implementation: Callable[..., Tensor], relative_position: Tensor, num_buckets: int, max_distance: int
) -> dict[str, Tensor]:
    """Ask for the defaults and for both directions."""
    sizes = {"num_buckets": num_buckets, "max_distance": max_distance}
    return {
        "by default": implementation(relative_position),
        "bidirectional": implementation(relative_position, bidirectional=True, **sizes),
        "causal": implementation(relative_position, bidirectional=False, **sizes),
    }


def sample_rel_shift(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    B, H, T = _integer(rng, 1, 3), _integer(rng, 2, 3), 1 if seed % 10 == 9 else _integer(rng, 2, 5)
    return {"x": torch.randn(B, H, T, 2 * T - 1, generator=rng, dtype=torch.float64)}


def sample_shaw_attention(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    B, H, T, D = _integer(rng, 1, 2), _integer(rng, 1, 3), _integer(rng, 5, 7), _integer(rng, 2, 4)
    K = (2, 1, 3, 4, 2, 1, 3, 4, 9, 0)[seed % 10]
    q, k, v = torch.randn(3, B, H, T, D, generator=rng, dtype=torch.float64)
    rel_k, rel_v = torch.randn(2, 2 * K + 1, D, generator=rng, dtype=torch.float64)
    mask = torch.eye(T, dtype=torch.bool) | (torch.rand(B, 1, T, T, generator=rng) < 0.6)
    return {"q": q, "k": k, "v": v, "rel_k": rel_k, "rel_v": rel_v, "max_distance": K, "mask": mask}


def probe_shaw_attention(
    implementation: Callable[..., Tensor], rel_v: Tensor, mask: Tensor, **rest: object
) -> dict[str, Tensor]:
    """Ask with and without the options."""
    return {
        "all options": implementation(**rest, rel_v=rel_v, mask=mask),
        "without rel_v": implementation(**rest, mask=mask),
        "without mask": implementation(**rest, rel_v=rel_v),
    }


def sample_deberta_disentangled_scores(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    B, H, T, D = _integer(rng, 1, 2), _integer(rng, 1, 3), _integer(rng, 5, 7), _integer(rng, 2, 4)
    K = (2, 3, 1, 9)[seed % 4]
    q, k = torch.randn(2, B, H, T, D, generator=rng, dtype=torch.float64)
    q_r, k_r = torch.randn(2, H, 2 * K, D, generator=rng, dtype=torch.float64)
    return {"q": q, "k": k, "q_r": q_r, "k_r": k_r, "max_distance": K}


def sample_t5_bucket(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    exact, far, beyond = _integer(rng, 1, 7), _integer(rng, 17, 60), _integer(rng, 130, 600)
    distance = (far, exact, far, beyond)[_integer(rng, 0, 3)]
    attention = ("bidirectional", "causal")[_integer(rng, 0, 1)]
    ahead = attention == "bidirectional" and _integer(rng, 0, 1)
    return {"offset": distance if ahead else -distance, "attention": attention}


def sample_position_parameters(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    layers, heads, width = _integer(rng, 4, 24), _integer(rng, 4, 16), 16 * _integer(rng, 2, 8)
    reach = _integer(rng, 2, 32)
    scheme = ("Shaw", "T5", "DeBERTa")[seed % 3]
    return {"scheme": scheme, "layers": layers, "heads": heads, "width": width, "reach": reach}


def sample_shuffled(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    order = torch.randperm(5, generator=rng).tolist()
    scale, travel = min(_integer(rng, 0, 2), 1), _integer(rng, 0, 2) == 0
    return {"order": order if order != sorted(order) else order[::-1], "scale": scale, "travel": travel}


def sample_shifted_scores(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    names = ("sinusoids", "learned table", "T5", "Transformer-XL", "DeBERTa")
    picks = torch.randperm(5, generator=rng).tolist()
    return {"shift": _integer(rng, 3, 9), "schemes": [names[pick] for pick in picks]}


if __name__ == "__main__":
    print(claim())
    main()
