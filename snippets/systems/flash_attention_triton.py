"""Flash attention as a Triton kernel: one program per tile of queries, one loop over tiles of keys.

Source: Dao, "FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning", 2023,
    arXiv:2307.08691, algorithm 1; the log-sum-exp kernel is the online normaliser of Milakov and
    Gimelshein, 2018, arXiv:1805.02867.

Shapes: B batch, H heads, Tq queries, Tk keys, D features of queries and keys, Dv of values.

On a CPU the kernels run through Triton's interpreter: set TRITON_INTERPRET=1 before Triton is imported.
"""

import math
from typing import Any

import torch
import triton  # type: ignore[import-untyped]
import triton.language as tl  # type: ignore[import-untyped]
from torch import Tensor

__all__ = ["attention_torch", "claim", "flash_attention_triton", "main", "row_lse"]


@triton.jit  # type: ignore[untyped-decorator]
def lse_kernel(out, x, width, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]
    """Log of the sum of exponentials of one row, read once, BLOCK entries at a time."""
    row = tl.program_id(0)
    m = -float("inf")
    total = 0.0
    for start in range(0, width, BLOCK):
        columns = start + tl.arange(0, BLOCK)
        block = tl.load(x + row * width + columns, mask=columns < width, other=-float("inf")).to(tl.float32)
        higher = tl.maximum(m, tl.max(block, axis=0))
        total = total * tl.exp(m - higher) + tl.sum(tl.exp(block - higher), axis=0)
        m = higher
    tl.store(out + row, m + tl.log(total))


def row_lse(x: Tensor, block: int = 16) -> Tensor:
    """The log-sum-exp of each row of finite numbers, without a copy of the row: x (B, N) to (B,), float32."""
    if x.ndim != 2 or x.shape[1] == 0:
        raise ValueError(f"x must be (B, N) with N at least 1, not {tuple(x.shape)}")
    if block < 1 or block & (block - 1):
        raise ValueError(f"block must be a power of two, not {block}")
    out = x.new_empty(x.shape[0], dtype=torch.float32)
    lse_kernel[(x.shape[0],)](out, x.contiguous(), x.shape[1], BLOCK=block)
    return out


@triton.jit  # type: ignore[untyped-decorator]
def forward_kernel(  # type: ignore[no-untyped-def]
    out,
    lse,
    q,
    k,
    v,
    scale,
    Tq,
    Tk,
    D: tl.constexpr,
    Dv: tl.constexpr,
    CAUSAL: tl.constexpr,
    BLOCK_Q: tl.constexpr,
    BLOCK_K: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_DV: tl.constexpr,
):
    """Attention of BLOCK_Q queries of one head. BLOCK_D, BLOCK_DV: D and Dv, rounded up for `tl.dot`."""
    head = tl.program_id(1).to(tl.int64)  # of all heads of all sequences; 32 bits would not reach far enough
    rows = tl.program_id(0) * BLOCK_Q + tl.arange(0, BLOCK_Q)
    features = tl.arange(0, BLOCK_D)
    value_features = tl.arange(0, BLOCK_DV)
    in_q = (rows < Tq)[:, None] & (features < D)[None, :]
    q_tile = tl.load(q + head * Tq * D + rows[:, None] * D + features[None, :], mask=in_q, other=0.0)

    m = tl.full((BLOCK_Q,), -float("inf"), tl.float32)
    total = tl.zeros((BLOCK_Q,), tl.float32)
    acc = tl.zeros((BLOCK_Q, BLOCK_DV), tl.float32)
    stop = Tk
    if CAUSAL:  # the last query of the tile sees keys up to here; tiles beyond are never read
        stop = tl.minimum(Tk, (tl.program_id(0) + 1) * BLOCK_Q + Tk - Tq)
    for start in range(0, stop, BLOCK_K):
        columns = start + tl.arange(0, BLOCK_K)
        in_k = (columns < Tk)[None, :] & (features < D)[:, None]
        # Keys are read as (BLOCK_D, BLOCK_K): transposed by the order of the addresses.
        k_tile = tl.load(k + head * Tk * D + columns[None, :] * D + features[:, None], mask=in_k, other=0.0)
        scores = tl.dot(q_tile, k_tile, input_precision="ieee") * scale  # (BLOCK_Q, BLOCK_K), float32
        visible = (columns < Tk)[None, :]
        if CAUSAL:
            visible = visible & (columns[None, :] <= rows[:, None] + Tk - Tq)
        # A key beyond the end was read as 0, and its score of 0 would count: it must become -inf.
        scores = tl.where(visible, scores, -float("inf"))

        higher = tl.maximum(m, tl.max(scores, axis=1))
        base = tl.where(higher == -float("inf"), 0.0, higher)  # no key so far: -inf - (-inf) would be nan
        kept = tl.exp(m - base)
        weights = tl.exp(scores - base[:, None])
        in_v = (columns < Tk)[:, None] & (value_features < Dv)[None, :]
        at_v = v + head * Tk * Dv + columns[:, None] * Dv + value_features[None, :]
        v_tile = tl.load(at_v, mask=in_v, other=0.0)
        total = total * kept + tl.sum(weights, axis=1)
        acc = acc * kept[:, None]
        acc = tl.dot(weights.to(v_tile.dtype), v_tile, acc, input_precision="ieee")
        m = higher

    seen = total > 0
    divisor = tl.where(seen, total, 1.0)
    in_out = (rows < Tq)[:, None] & (value_features < Dv)[None, :]
    at_out = out + head * Tq * Dv + rows[:, None] * Dv + value_features[None, :]
    tl.store(at_out, (acc / divisor[:, None]).to(out.dtype.element_ty), mask=in_out)
    tl.store(lse + head * Tq + rows, tl.where(seen, m + tl.log(divisor), -float("inf")), mask=rows < Tq)


def flash_attention_triton(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    causal: bool = False,
    scale: float | None = None,
    block_q: int = 32,
    block_k: int = 32,
) -> tuple[Tensor, Tensor]:
    """Attention and the log-sum-exp of each row of scores; sums are kept in float32.

    q:       (B, H, Tq, D), float16, bfloat16 or float32
    k, v:    (B, H, Tk, D), (B, H, Tk, Dv), of the same dtype
    causal:  query i sees key j if j <= i + Tk - Tq
    scale:   of the scores, 1/sqrt(D) if not given
    block_q, block_k: powers of two, at least 16 as `tl.dot` demands
    returns: (B, H, Tq, Dv) in the dtype of q, and (B, H, Tq) in float32; 0 and -inf where no key is seen
    """
    _check(q, k, v, block_q, block_k)
    if q.dtype == torch.bfloat16 and q.device.type == "cpu":  # Triton's interpreter cannot multiply bfloat16
        wide = (x.float() for x in (q, k, v))
        out, lse = flash_attention_triton(*wide, causal=causal, scale=scale, block_q=block_q, block_k=block_k)
        return out.bfloat16(), lse
    B, H, Tq, D = q.shape
    Tk, Dv = v.shape[2:]
    q, k, v = q.contiguous(), k.contiguous(), v.contiguous()
    out, lse = q.new_empty(B, H, Tq, Dv), q.new_empty(B, H, Tq, dtype=torch.float32)
    if out.numel():
        forward_kernel[(triton.cdiv(Tq, block_q), B * H)](
            *(out, lse, q, k, v),
            D**-0.5 if scale is None else scale,
            *(Tq, Tk),
            D=D,
            Dv=Dv,
            CAUSAL=causal,
            BLOCK_Q=block_q,
            BLOCK_K=block_k,
            BLOCK_D=max(16, triton.next_power_of_2(D)),
            BLOCK_DV=max(16, triton.next_power_of_2(Dv)),
        )
    return out, lse


def _check(q: Tensor, k: Tensor, v: Tensor, block_q: int, block_k: int) -> None:
    if q.dtype not in (torch.float16, torch.bfloat16, torch.float32) or not q.dtype == k.dtype == v.dtype:
        raise TypeError(
            f"q, k and v must be one of the 16- or 32-bit floats, not {q.dtype}, {k.dtype}, {v.dtype}"
        )
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ValueError(f"q, k and v must have 4 axes, not {q.ndim}, {k.ndim}, {v.ndim}")
    if q.shape[:2] != k.shape[:2] or q.shape[-1] != k.shape[-1] or k.shape[:3] != v.shape[:3]:
        shapes = ", ".join(str(tuple(x.shape)) for x in (q, k, v))
        raise ValueError(f"q, k and v must be (B, H, Tq, D), (B, H, Tk, D), (B, H, Tk, Dv), not {shapes}")
    if not all(block >= 16 and block & (block - 1) == 0 for block in (block_q, block_k)):
        raise ValueError(f"block_q and block_k must be powers of two from 16, not {block_q} and {block_k}")


def attention_torch(
    q: Tensor, k: Tensor, v: Tensor, *, causal: bool = False, scale: float | None = None
) -> tuple[Tensor, Tensor]:
    """The same with the whole matrix of scores, in float64: what the kernel is compared with."""
    scores = q.double() @ k.double().mT * (q.shape[-1] ** -0.5 if scale is None else scale)
    if causal:
        i, j = (torch.arange(length, device=q.device) for length in scores.shape[-2:])
        scores = scores.masked_fill(j > i[:, None] + len(j) - len(i), -math.inf)
    lse = scores.logsumexp(dim=-1)
    weights = (scores - lse.masked_fill(lse == -math.inf, 0.0)[..., None]).exp()
    return weights @ v.double(), lse


def claim(seed: int = 0, device: str = "cpu") -> dict[str, Any]:
    """Compare the kernel with the whole matrix, for sizes that fit no tile."""
    rng = torch.Generator().manual_seed(seed)
    q = torch.randn(1, 2, 37, 24, generator=rng).to(device)
    k, v = (torch.randn(1, 2, 45, width, generator=rng).to(device) for width in (24, 20))
    measured = {}
    for dtype in (torch.float32, torch.float16):
        x = [tensor.to(dtype) for tensor in (q, k, v)]
        out, lse = flash_attention_triton(*x, causal=True, block_q=16, block_k=16)
        expected, expected_lse = attention_torch(*x, causal=True)
        name = str(dtype).removeprefix("torch.")
        measured[f"max_error_{name}"] = float((out - expected).abs().max())
        measured[f"lse_error_{name}"] = float((lse - expected_lse).abs().max())
    return {
        "statement": "The kernel computes attention, in float32 and in float16 with float32 sums.",
        "measured": measured,
        "passed": all(
            error < (1e-5 if "float32" in name or "lse" in name else 2e-3) for name, error in measured.items()
        ),
    }


def main(device: str = "cpu") -> None:
    """Show that a tile with a tail and masked keys agrees with the whole matrix."""
    rng = torch.Generator().manual_seed(0)
    q, k, v = torch.randn(3, 1, 1, 19, 8, generator=rng).to(device)
    out, lse = flash_attention_triton(q, k, v, causal=True, block_q=16, block_k=16)
    expected, expected_lse = attention_torch(q, k, v, causal=True)
    for row in (0, 15, 16, 18):
        one, other = float(lse[0, 0, row]), float(expected_lse[0, 0, row])
        print(f"query {row:2}: log-sum-exp {one:.5f}, by the whole matrix {other:.5f}")
    print(f"largest difference of the outputs: {float((out - expected).abs().max()):.1e}")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def sample_row_lse(seed: int) -> dict[str, object]:
    """Rows of one block or several, with a tail of any length or none; at times far below or above zero."""
    rng = torch.Generator().manual_seed(seed)
    rows, block = _integer(rng, 1, 3), (4, 8, 16)[_integer(rng, 0, 2)]
    width = (block, 2 * block, 3 * block - 1, block + 1, block - 1, 2 * block + 2)[seed % 6]
    x = 3 * torch.randn(rows, width, generator=rng) + (-50.0, 0.0, 120.0)[seed % 3]
    return {"x": x, "block": block} if seed % 4 else {"x": x}


def sample_loads(seed: int) -> dict[str, object]:
    """One of two rows, the width of a row, and where a block of 4 begins: often it reaches beyond the row."""
    rng = torch.Generator().manual_seed(seed)
    width = _integer(rng, 4, 7)
    return {
        "width": width,
        "row": _integer(rng, 0, 1),
        "start": _integer(rng, width - 3, width - 1),
        "other": -_integer(rng, 1, 9),
    }


if __name__ == "__main__":
    print(claim())
    main()
