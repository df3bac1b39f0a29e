"""Flash attention: exact attention in tiles, without ever holding the matrix of all scores.

Source: Dao, Fu, Ermon, Rudra, Ré, "FlashAttention: Fast and Memory-Efficient Exact Attention with
    IO-Awareness", 2022, arXiv:2205.14135; loops in the order of Dao, "FlashAttention-2", 2023,
    arXiv:2307.08691; the online normaliser is that of Milakov and Gimelshein, 2018, arXiv:1805.02867.

Shapes: B batch, H heads, Tq queries, Tk keys, D features of queries and keys, Dv of values;
    in a tile: R rows (queries), N columns (keys).
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

__all__ = [
    "claim",
    "flash_attention",
    "flash_attention_backward",
    "hbm_elements",
    "main",
    "merge_partials",
    "online_softmax",
    "online_update",
    "picture",
    "running_sums",
    "tile_gradients",
]

State = tuple[Tensor, Tensor, Tensor]
"""Running maximum m (..., R), sum l (..., R) and output O (..., R, Dv), which is not yet divided by l."""


def online_softmax(x: Tensor, *, block_size: int = 128) -> Tensor:
    """Softmax over the last axis: one pass for maximum and sum, one to normalise; only -inf gives 0."""
    if block_size < 1:
        raise ValueError(f"block_size must be at least 1, not {block_size}")
    if not x.is_floating_point():
        raise TypeError(f"x must be floating, not {x.dtype}")
    if x.ndim == 0:
        raise ValueError("x must have at least one axis")
    wide = x.to(_wide(x))
    top, total = wide.new_full(x.shape[:-1], -math.inf), wide.new_zeros(x.shape[:-1])
    for columns in _blocks(x.shape[-1], block_size):
        block = wide[..., columns]
        higher = torch.maximum(top, block.amax(dim=-1))
        base = _finite(higher)
        total = total * (top - base).exp() + (block - base[..., None]).exp().sum(dim=-1)
        top = higher
    weights = (wide - _finite(top)[..., None]).exp() / _divisor(total)[..., None]
    return weights.to(x.dtype)


def online_update(m: Tensor, l: Tensor, o: Tensor, scores: Tensor, values: Tensor) -> State:  # noqa: E741
    """Take one more tile of keys into the running maximum `m`, sum `l` and unnormalised output `o`.

    m, l:    (..., R), at first -inf and 0
    o:       (..., R, Dv), at first 0
    scores:  (..., R, N), -inf where a key may not be seen
    values:  (..., N, Dv)
    returns: m, l and o with the tile taken in
    """
    higher = torch.maximum(m, scores.amax(dim=-1))
    base = _finite(higher)
    kept = (m - base).exp()  # what the old sums shrink by, now that the maximum is higher
    weights = (scores - base[..., None]).exp()  # (..., R, N)
    return higher, l * kept + weights.sum(dim=-1), o * kept[..., None] + weights @ values


def merge_partials(o1: Tensor, lse1: Tensor, o2: Tensor, lse2: Tensor) -> tuple[Tensor, Tensor]:
    """Join the attention over two disjoint sets of keys.

    o1, o2:     (..., D), each normalised over its own keys
    lse1, lse2: (...), log of the sum of exponentials over those keys; -inf for no keys
    """
    if o1.shape != o2.shape or lse1.shape != lse2.shape or o1.shape[:-1] != lse1.shape:
        shapes = ", ".join(str(tuple(x.shape)) for x in (o1, lse1, o2, lse2))
        raise ValueError(f"o1 and o2 must be (..., D), lse1 and lse2 (...), not {shapes}")
    lse = torch.logaddexp(lse1, lse2)
    base = _finite(lse)
    share1, share2 = (lse1 - base).exp()[..., None], (lse2 - base).exp()[..., None]
    return (o1 * share1 + o2 * share2).to(o1.dtype), lse


def flash_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    block_q: int = 64,
    block_k: int = 64,
    causal: bool = False,
    scale: float | None = None,
    return_lse: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """Attention by tiles of at most block_q x block_k scores.

    q:       (B, H, Tq, D)
    k, v:    (B, H, Tk, D), (B, H, Tk, Dv)
    causal:  query i sees key j if j <= i + Tk - Tq: the last query sees all keys
    scale:   of the scores, 1/sqrt(D) if not given
    returns: out (B, H, Tq, Dv) in the dtype of q, and if asked for the log-sum-exp of each row of scores
             (B, H, Tq), in float32 or better; where a query sees no key they are 0 and -inf
    """
    _check(q, k, v, block_q, block_k)
    Tq, Tk = q.shape[2], k.shape[2]
    dtype, shift = _wide(q), Tk - Tq
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    outs, lses = [], []
    for rows in _blocks(Tq, block_q):
        q_tile = q[:, :, rows].to(dtype) * scale
        m = q_tile.new_full(q_tile.shape[:-1], -math.inf)
        state = m, torch.zeros_like(m), q_tile.new_zeros(*m.shape, v.shape[-1])
        for columns in _blocks(Tk, block_k):
            if causal and columns.start > rows.stop - 1 + shift:
                break  # this tile and all that follow lie above the diagonal
            scores = q_tile @ k[:, :, columns].to(dtype).mT  # (B, H, R, N)
            if causal:
                scores = scores.masked_fill(~_visible(rows, columns, shift, q.device), -math.inf)
            state = online_update(*state, scores, v[:, :, columns].to(dtype))
        m, total, out = state
        outs.append(out / _divisor(total)[..., None])
        lses.append(m + total.log())
    out = torch.cat(outs, dim=2).to(q.dtype) if outs else q.new_zeros(*q.shape[:3], v.shape[-1])
    if not return_lse:
        return out
    return out, torch.cat(lses, dim=2) if lses else q.new_zeros(q.shape[:3], dtype=dtype)


def flash_attention_backward(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    out: Tensor,
    lse: Tensor,
    grad_out: Tensor,
    *,
    block_q: int = 64,
    block_k: int = 64,
    causal: bool = False,
    scale: float | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of q, k and v: every tile of weights is computed once more, from the scores and `lse`."""
    _check(q, k, v, block_q, block_k)
    if out.shape != grad_out.shape or out.shape != (*q.shape[:3], v.shape[-1]):
        raise ValueError(f"out and grad_out must be (B, H, Tq, Dv), not {tuple(out.shape)}")
    if lse.shape != q.shape[:3]:
        raise ValueError(f"lse must be (B, H, Tq), not {tuple(lse.shape)}")
    dtype, shift = _wide(q), k.shape[2] - q.shape[2]
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    q_all, k_all, v_all, out_all, grad_all = (x.to(dtype) for x in (q, k, v, out, grad_out))
    dq, dk, dv = torch.zeros_like(q_all), torch.zeros_like(k_all), torch.zeros_like(v_all)
    delta = (grad_all * out_all).sum(dim=-1)  # (B, H, Tq)
    for columns in _blocks(k.shape[2], block_k):
        for rows in _blocks(q.shape[2], block_q):
            visible = _visible(rows, columns, shift, q.device) if causal else None
            if causal and columns.start > rows.stop - 1 + shift:
                continue
            tile = q_all[:, :, rows], k_all[:, :, columns], v_all[:, :, columns]
            of_rows = lse[:, :, rows].to(dtype), delta[:, :, rows], grad_all[:, :, rows]
            dq_tile, dk_tile, dv_tile = tile_gradients(*tile, *of_rows, scale=scale, visible=visible)
            dq[:, :, rows] += dq_tile
            dk[:, :, columns] += dk_tile
            dv[:, :, columns] += dv_tile
    return dq.to(q.dtype), dk.to(k.dtype), dv.to(v.dtype)


def tile_gradients(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    lse: Tensor,
    delta: Tensor,
    grad_out: Tensor,
    *,
    scale: float,
    visible: Tensor | None = None,
) -> State:
    """What one tile adds to the gradients of its q (..., R, D), k (..., N, D) and v (..., N, Dv).

    lse, delta: (..., R), log-sum-exp of the whole row of scores, and <grad_out, out> of the row
    visible:    (R, N), True where the query sees the key
    """
    scores = q @ k.mT * scale
    if visible is not None:
        scores = scores.masked_fill(~visible, -math.inf)
    weights = (scores - lse.masked_fill(lse == -math.inf, math.inf)[..., None]).exp()  # a row without keys: 0
    grad_scores = weights * (grad_out @ v.mT - delta[..., None]) * scale  # (..., R, N)
    return grad_scores @ k, grad_scores.mT @ q, weights.mT @ grad_out


def _blocks(length: int, size: int) -> Iterator[slice]:
    for start in range(0, length, size):
        yield slice(start, min(start + size, length))


def _visible(rows: slice, columns: slice, shift: int, device: torch.device) -> Tensor:
    """Which queries of a tile see which of its keys: (R, N)."""
    i = torch.arange(rows.start, rows.stop, device=device)
    j = torch.arange(columns.start, columns.stop, device=device)
    return j <= i[:, None] + shift


def _finite(m: Tensor) -> Tensor:
    """A maximum that can be subtracted: without any key it is -inf, and -inf - (-inf) would be nan."""
    return m.masked_fill(m == -math.inf, 0.0)


def _divisor(total: Tensor) -> Tensor:
    return total.masked_fill(total == 0, 1.0)


def _wide(x: Tensor) -> torch.dtype:
    return torch.promote_types(x.dtype, torch.float32)


def _check(q: Tensor, k: Tensor, v: Tensor, block_q: int, block_k: int) -> None:
    if not (q.is_floating_point() and k.is_floating_point() and v.is_floating_point()):
        raise TypeError(f"q, k and v must be floating, not {q.dtype}, {k.dtype}, {v.dtype}")
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ValueError(f"q, k and v must have 4 axes, not {q.ndim}, {k.ndim}, {v.ndim}")
    if q.shape[:2] != k.shape[:2] or q.shape[-1] != k.shape[-1] or k.shape[:3] != v.shape[:3]:
        shapes = ", ".join(str(tuple(x.shape)) for x in (q, k, v))
        raise ValueError(f"q, k and v must be (B, H, Tq, D), (B, H, Tk, D), (B, H, Tk, Dv), not {shapes}")
    if block_q < 1 or block_k < 1:
        raise ValueError(f"block_q and block_k must be at least 1, not {block_q} and {block_k}")


def hbm_elements(n: int, d: int, sram: int, *, kind: str = "flash") -> int:
    """Elements that one head's forward pass moves between HBM and an SRAM that holds `sram` elements."""
    if kind not in ("flash", "standard"):
        raise ValueError(f"kind must be 'flash' or 'standard', not {kind!r}")
    if n < 1 or d < 1:
        raise ValueError(f"n and d must be at least 1, not {n} and {d}")
    if kind == "standard":
        # Q, K in, S out; S in, P out; P, V in, O out.
        return 4 * n * d + 4 * n * n
    if sram < 4 * d:
        raise ValueError(f"sram must hold at least one row of Q, K, V and O, {4 * d} elements, not {sram}")
    block = -(-sram // (4 * d))
    passes = -(-n // block)
    # K, V in once; in each pass Q, O, m, l in and O, m, l out.
    return 2 * n * d + passes * (3 * n * d + 4 * n)


def running_sums(powers: list[int]) -> list[float]:
    """The online sum l after each score, where the scores are these multiples of ln 2."""
    m, total = -math.inf, 0.0
    sums = []
    for power in powers:
        higher = max(m, power)
        total = total * 2.0 ** (m - higher) + 2.0 ** (power - higher)
        m = higher
        sums.append(total)
    return sums


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Compare tiles with the whole matrix, and send scores that no exponential survives."""
    rng = torch.Generator().manual_seed(seed)
    q, k, v = torch.randn(3, 1, 2, 300, 16, generator=rng, dtype=torch.float64).to(device)
    errors = []
    for causal in (False, True):
        scores = q @ k.mT / 4
        if causal:
            scores = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), -math.inf)
        tiled = flash_attention(q, k, v, block_q=48, block_k=37, causal=causal)
        assert isinstance(tiled, Tensor)
        errors.append(float((tiled - scores.softmax(dim=-1) @ v).abs().max()))
    q, k, v = (x.float() for x in (q, k, v))
    scores = q @ k.mT
    scale = 1e4 / float(scores.max())  # scores of up to 10,000
    extreme = flash_attention(q, k, v, scale=scale)
    assert isinstance(extreme, Tensor)
    naive = (scores * scale).exp()
    measured = {
        "max_error": max(errors),
        "finite": float(extreme.isfinite().all()),
        "naive_finite": float((naive / naive.sum(dim=-1, keepdim=True)).isfinite().all()),
        "io_ratio": hbm_elements(1024, 64, 51_200, kind="standard") / hbm_elements(1024, 64, 51_200),
    }
    return {
        "statement": "Attention by tiles is exact, never overflows, and moves a fraction of the elements.",
        "measured": measured,
        "passed": measured["max_error"] < 1e-12
        and measured["finite"] == 1
        and measured["naive_finite"] == 0
        and measured["io_ratio"] > 3,
    }


def picture(seed: int = 0) -> dict[str, list[float]]:
    """Millions of elements moved by one head of width 64, for 64, 128, ..., 4096 tokens."""
    del seed  # nothing here is drawn
    lengths = range(64, 4097, 64)
    return {
        kind: [hbm_elements(n, 64, 51_200, kind=kind) / 1e6 for n in lengths]
        for kind in ("standard", "flash")
    }


def main(device: str = "cpu") -> None:
    """Show a softmax that is found in one pass, then what tiling saves."""
    scores = torch.tensor([1.0, 3.0, 2.0, 5.0, 4.0], device=device)
    values = torch.tensor([10.0, 20.0, 30.0, 40.0, 50.0], device=device)
    m = scores.new_full((1,), -math.inf)
    state = m, torch.zeros_like(m), scores.new_zeros(1, 1)
    for score, value in zip(scores, values, strict=True):
        state = online_update(*state, score.view(1, 1), value.view(1, 1))
        top, total, out = (float(x) for x in state)
        print(f"score {float(score):.0f}: m = {top:.0f}, l = {total:.4f}, output so far {out / total:.4f}")
    print(f"softmax in two passes: {float(scores.softmax(dim=0) @ values):.4f}")
    for n in (1024, 16_384):
        whole, tiled = (hbm_elements(n, 64, 51_200, kind=kind) for kind in ("standard", "flash"))
        print(f"{n:6} tokens: {whole:13,} elements moved, in tiles {tiled:11,}: {whole / tiled:.2f} x fewer")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def sample_running_sums(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {"powers": torch.randint(0, 6, (4,), generator=rng).tolist()}


def sample_online_update(seed: int) -> dict[str, object]:
    """Tiles that raise the maximum and that do not; masked keys, rows without any key, and a fresh state."""
    rng = torch.Generator().manual_seed(seed)
    lead = ((), (2,), (2, 3))[seed % 3]
    R, N, Dv = _integer(rng, 2, 4), _integer(rng, 1, 4), _integer(rng, 1, 3)
    m = 2 * torch.randn(*lead, R, generator=rng, dtype=torch.float64)
    total = 1 + torch.rand(*lead, R, generator=rng, dtype=torch.float64)
    out = torch.randn(*lead, R, Dv, generator=rng, dtype=torch.float64)
    scores = 2 * torch.randn(*lead, R, N, generator=rng, dtype=torch.float64)
    if seed % 2:  # the first row has seen no key so far, and sees none now
        m[..., 0], total[..., 0], out[..., 0, :] = -math.inf, 0.0, 0.0
        scores[..., 0, :] = -math.inf
    else:
        scores[..., -1, 0] = -math.inf
        m[..., 1], total[..., 1], out[..., 1, :] = -math.inf, 0.0, 0.0
    values = torch.randn(*lead, N, Dv, generator=rng, dtype=torch.float64)
    return {"m": m, "l": total, "o": out, "scores": scores, "values": values}


def sample_merge_partials(seed: int) -> dict[str, object]:
    """Parts of any weight, large and small log-sum-exps, and now and then an empty part or two."""
    rng = torch.Generator().manual_seed(seed)
    shape = ((4,), (2, 3), (1, 2, 4))[seed % 3]
    D = _integer(rng, 1, 3)
    o1, o2 = torch.randn(2, *shape, D, generator=rng, dtype=torch.float64)
    lse1, lse2 = torch.randn(2, *shape, generator=rng, dtype=torch.float64) + (0.0, 800.0, -800.0)[seed % 3]
    lse1[..., -1], o1[..., -1, :] = -math.inf, 0.0
    if seed % 2:
        lse2[..., 0], o2[..., 0, :] = -math.inf, 0.0
        lse2[..., -1], o2[..., -1, :] = -math.inf, 0.0
    return {"o1": o1, "lse1": lse1, "o2": o2, "lse2": lse2}


def sample_tile_gradients(seed: int) -> dict[str, object]:
    """A tile of a longer row: its weights need not add up to 1. Sometimes masked, with a row without keys."""
    rng = torch.Generator().manual_seed(seed)
    lead = ((), (2,), (1, 2))[seed % 3]
    R, N, D, Dv = (_integer(rng, 2, 4) for _ in range(4))

    def draw(*shape: int) -> Tensor:
        return torch.randn(*lead, *shape, generator=rng, dtype=torch.float64)

    sample: dict[str, object] = {"q": draw(R, D), "k": draw(N, D), "v": draw(N, Dv), "lse": 1 + draw(R)}
    sample |= {"delta": draw(R), "grad_out": draw(R, Dv), "scale": 0.25 * _integer(rng, 1, 3)}
    if seed % 2:
        visible = torch.rand(R, N, generator=rng) < 0.6
        visible[0] = False
        lse = draw(R)
        lse[..., 0] = -math.inf
        sample |= {"visible": visible, "lse": lse}
    return sample


def sample_hbm_elements(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    d = (32, 64, 128)[_integer(rng, 0, 2)]
    block = (50, 64, 100, 128, 200)[_integer(rng, 0, 4)]
    return {"n": (500, 1000, 1024, 2000, 2048)[_integer(rng, 0, 4)], "d": d, "sram": 4 * d * block}


def sample_tiles(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    queries = _integer(rng, 4, 8)
    return {
        "queries": queries,
        "keys": queries + (0, 0, 3, -3)[_integer(rng, 0, 3)],
        "block_q": _integer(rng, 2, 3),
        "block_k": _integer(rng, 1, 3),
    }


if __name__ == "__main__":
    print(claim())
    main()
