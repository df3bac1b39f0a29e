"""LoRA: freeze a weight matrix, and learn the change to it as a product of two thin matrices.

Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021, arXiv:2106.09685, section 4.
    Scaling by 1/sqrt(r): Kalajdzievski, "A Rank Stabilization Scaling Factor", 2023, arXiv:2312.03732.

Shapes: in and out are the features of a linear layer, r is the rank of the change.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = [
    "LoRALinear",
    "best_rank_error",
    "claim",
    "count_parameters",
    "inject_lora_",
    "lora_delta",
    "lora_parameters",
    "lora_percent",
    "main",
    "picture",
    "svd_compress_delta",
    "switch_task",
]


def lora_delta(A: Tensor, B: Tensor, alpha: float, *, rslora: bool = False) -> Tensor:
    """The change of the weight: alpha / r times B A, or alpha / sqrt(r) times B A for rsLoRA.

    A:       (r, in)
    B:       (out, r)
    returns: (out, in) in the dtype of A; halves are multiplied in float32 and rounded once
    """
    if not (A.is_floating_point() and B.is_floating_point()):
        raise TypeError(f"A and B must be floating, not {A.dtype} and {B.dtype}")
    if A.ndim != 2 or B.ndim != 2 or A.shape[0] != B.shape[1] or A.shape[0] == 0:
        raise ValueError(
            f"A must be (r, in) and B (out, r) of the same rank, not {tuple(A.shape)}, {tuple(B.shape)}"
        )
    wide = torch.promote_types(A.dtype, torch.float32)
    return (_scaling(alpha, A.shape[0], rslora) * (B.to(wide) @ A.to(wide))).to(A.dtype)


def _scaling(alpha: float, r: int, rslora: bool) -> float:
    return alpha / (math.sqrt(r) if rslora else r)


def switch_task(
    merged: Tensor, old: tuple[Tensor, Tensor], new: tuple[Tensor, Tensor], alpha: float
) -> Tensor:
    """Take the change (A, B) of one task out of a merged weight, and put that of another in.

    merged:   (out, in), the frozen weight plus the old change
    old, new: A (r, in) and B (out, r); the ranks of the two tasks may differ
    returns:  (out, in)
    """
    return merged - lora_delta(*old, alpha) + lora_delta(*new, alpha)


class LoRALinear(nn.Module):
    """A frozen linear layer, and beside it a low-rank branch that starts at zero.

    x:       (..., in)
    returns: (..., out): base(x) + scaling * B A dropout(x)
    """

    def __init__(
        self,
        base: nn.Linear,
        r: int,
        alpha: float = 16.0,
        *,
        dropout: float = 0.0,
        rslora: bool = False,
        generator: torch.Generator,
    ) -> None:
        _check_rank(r, base.weight)
        super().__init__()
        self.base = base.requires_grad_(False)
        bound = 1 / math.sqrt(base.in_features)
        start = torch.empty(r, base.in_features, device=generator.device)
        start.uniform_(-bound, bound, generator=generator)
        self.lora_A = nn.Parameter(start.to(base.weight))
        self.lora_B = nn.Parameter(base.weight.new_zeros(base.out_features, r))
        self.alpha, self.rslora = alpha, rslora
        self.scaling = _scaling(alpha, r, rslora)
        self.dropout = nn.Dropout(dropout)  # draws from the global generator, in train mode only

    def forward(self, x: Tensor) -> Tensor:
        """Add the branch to what the frozen layer says; halves are added in float32 and rounded once."""
        out: Tensor = self.base(x)
        wide = torch.promote_types(out.dtype, torch.float32)
        hidden = F.linear(self.dropout(x).to(wide), self.lora_A.to(wide))  # (..., r)
        branch = F.linear(hidden, self.lora_B.to(wide))  # (..., out)
        return (out.to(wide) + self.scaling * branch).to(out.dtype)

    def delta_weight(self) -> Tensor:
        """The change that the branch makes to the weight: (out, in)."""
        return lora_delta(self.lora_A, self.lora_B, self.alpha, rslora=self.rslora)

    def merged(self) -> nn.Linear:
        """A plain linear layer that does the same, at the price of the base alone."""
        weight = self.base.weight
        layer = nn.Linear(
            self.base.in_features, self.base.out_features, self.base.bias is not None, device="meta"
        )
        layer = layer.to(weight.dtype).to_empty(device=weight.device)
        wide = torch.promote_types(weight.dtype, torch.float32)
        delta = lora_delta(self.lora_A.to(wide), self.lora_B.to(wide), self.alpha, rslora=self.rslora)
        with torch.no_grad():
            layer.weight.copy_(weight.to(wide) + delta)
            if self.base.bias is not None:
                layer.bias.copy_(self.base.bias)
        return layer


def _check_rank(r: int, weight: Tensor) -> None:
    if not 1 <= r <= min(weight.shape):
        raise ValueError(f"r must lie between 1 and {min(weight.shape)}, not {r}")


def inject_lora_(
    module: nn.Module, targets: list[str], r: int, alpha: float = 16.0, *, generator: torch.Generator
) -> list[str]:
    """Freeze `module`, and put a LoRALinear in place of each linear layer whose own name is a target.

    returns: the dotted names of the layers that were replaced
    """
    found = {
        name: part
        for name, part in module.named_modules(remove_duplicate=False)
        if isinstance(part, nn.Linear) and name.rpartition(".")[2] in targets
    }
    if not found:
        raise ValueError(f"targets names no linear layer: {targets}")
    for base in found.values():
        _check_rank(r, base.weight)
    module.requires_grad_(False)
    adapted: dict[nn.Linear, LoRALinear] = {}  # a layer that is used under two names stays one layer
    for name, base in found.items():
        if base not in adapted:
            adapted[base] = LoRALinear(base, r, alpha, generator=generator).train(base.training)
        parent, _, own_name = name.rpartition(".")
        setattr(module.get_submodule(parent), own_name, adapted[base])
    return list(found)


def count_parameters(module: nn.Module) -> tuple[int, int]:
    """How many numbers are trained, and how many there are; shared ones count once."""
    parameters = list(module.parameters())
    return sum(p.numel() for p in parameters if p.requires_grad), sum(p.numel() for p in parameters)


def lora_percent(inputs: int, outputs: int, r: int) -> float:
    """How many percent of the entries of a matrix its low-rank change has."""
    return 100 * r * (inputs + outputs) / (inputs * outputs)


def lora_parameters(width: int, layers: int, r: int, matrices: int) -> int:
    """Numbers that are trained when in each layer so many width x width matrices get a branch."""
    return layers * matrices * r * 2 * width


def svd_compress_delta(w_before: Tensor, w_after: Tensor, r: int) -> tuple[Tensor, Tensor]:
    """The best rank-r approximation B A of a change that full fine-tuning made.

    w_before, w_after: (out, in)
    returns:           A (r, in), B (out, r), in the dtype of w_before; each takes the root of the singular
                       values
    """
    if not (w_before.is_floating_point() and w_after.is_floating_point()):
        raise TypeError(f"w_before and w_after must be floating, not {w_before.dtype}, {w_after.dtype}")
    if w_before.ndim != 2 or w_before.shape != w_after.shape:
        raise ValueError(
            f"w_before and w_after must be (out, in), not {tuple(w_before.shape)}, {tuple(w_after.shape)}"
        )
    _check_rank(r, w_before)
    wide = torch.promote_types(w_before.dtype, torch.float32)
    change = w_after.to(wide) - w_before.to(wide)
    U, S, Vh = torch.linalg.svd(change, full_matrices=False)
    root = S[:r].sqrt()
    A, B = root[:, None] * Vh[:r], U[:, :r] * root
    return A.to(w_before.dtype), B.to(w_before.dtype)


def best_rank_error(singular_values: Sequence[float], r: int) -> float:
    """Frobenius norm of what the best approximation of rank r leaves over (Eckart and Young)."""
    return math.sqrt(sum(value**2 for value in sorted(singular_values, reverse=True)[r:]))


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Learn a change of rank 4 with rank 4 and with rank 1, then merge."""
    rng = torch.Generator(device).manual_seed(seed)
    options: dict[str, Any] = {"generator": rng, "device": device, "dtype": torch.float64}
    # Inputs with covariance 1: the error of the outputs is the error of the weight.
    x = 8 * torch.linalg.qr(torch.randn(64, 32, **options))[0]
    weight = torch.randn(32, 32, **options) / math.sqrt(32)
    change = torch.randn(32, 4, **options) @ torch.randn(4, 32, **options) / 32
    layers, losses = {}, {}
    for r in (1, 4):
        base = nn.Linear(32, 32, bias=False, device="meta", dtype=torch.float64).to_empty(device=device)
        base.weight.data.copy_(weight)
        layers[r] = LoRALinear(base, r, alpha=r, generator=rng)
        if r == 4:
            init_diff = float((layers[r](x) - base(x)).abs().max().detach())
        losses[r] = _fit(layers[r], x, x @ (weight + change).T)
    trained, total = count_parameters(layers[4])
    measured = {
        "init_diff": init_diff,
        "mse_r1": losses[1],
        "mse_r4": losses[4],
        "rank1_floor": best_rank_error(torch.linalg.svdvals(change).tolist(), 1) ** 2 / 32,
        "merge": float((layers[4].merged()(x) - layers[4](x)).abs().max().detach()),
        "frac": trained / total,
        "frozen": float((layers[4].base.weight - weight).abs().max()),
    }
    return {
        "statement": "Rank 4 learns a change of rank 4; rank 1 stops where Eckart and Young say it must.",
        "measured": measured,
        "passed": measured["init_diff"] == 0
        and measured["mse_r4"] < 1e-4 * measured["mse_r1"]
        and abs(measured["mse_r1"] / measured["rank1_floor"] - 1) < 0.03
        and measured["merge"] < 1e-10
        and measured["frozen"] == 0,
    }


def _fit(layer: LoRALinear, x: Tensor, wanted: Tensor) -> float:
    """Train the branch; return the mean squared error in the end."""
    optimizer: Any = torch.optim.LBFGS(
        [layer.lora_A, layer.lora_B], max_iter=150, line_search_fn="strong_wolfe", tolerance_change=1e-14
    )

    def closure() -> float:
        optimizer.zero_grad()
        loss = F.mse_loss(layer(x), wanted)
        torch.autograd.backward(loss)
        return float(loss.detach())

    optimizer.step(closure)
    with torch.no_grad():
        return float(F.mse_loss(layer(x), wanted))


def picture(seed: int = 0) -> dict[str, list[float]]:
    """What the best approximation leaves over, rank by rank: of noise, and of a change of rank 8 in noise."""
    rng = torch.Generator().manual_seed(seed)
    noise = torch.randn(64, 64, generator=rng, dtype=torch.float64)
    low = torch.randn(64, 8, generator=rng, dtype=torch.float64)
    low = low @ torch.randn(8, 64, generator=rng, dtype=torch.float64) + 0.1 * noise
    curves = {}
    for name, change in (("noise", noise), ("rank 8 and a little noise", low)):
        values = torch.linalg.svdvals(change).tolist()
        curves[name] = [best_rank_error(values, r) / best_rank_error(values, 0) for r in range(65)]
    return curves


def main(device: str = "cpu") -> None:
    """Show what a branch costs, what the first step moves, and that merging changes nothing."""
    for r in (1, 4, 8, 64):
        count = lora_parameters(12288, 96, r, 2)
        print(f"GPT-3, W_q and W_v, r = {r:2}: {count:12,} numbers, one in {175e9 / count:,.0f}")
    rng = torch.Generator(device).manual_seed(0)
    base = nn.Linear(6, 4, device="meta").to_empty(device=device)
    base.weight.data.normal_(generator=rng)
    base.bias.data.normal_(generator=rng)
    layer, x = LoRALinear(base, 2, generator=rng), torch.randn(5, 6, generator=rng, device=device)
    for step in (1, 2):
        grads = torch.autograd.grad(layer(x).square().sum(), [layer.lora_A, layer.lora_B])
        print(f"step {step}: |gradient| of A {float(grads[0].norm()):.2f}, of B {float(grads[1].norm()):.2f}")
        layer.lora_A.data -= 1e-3 * grads[0]
        layer.lora_B.data -= 1e-3 * grads[1]
    error = float((layer.merged()(x) - layer(x)).abs().max().detach())
    print(f"merged and not merged differ by {error:.1e}")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def sample_LoRALinear(seed: int) -> dict[str, object]:  # noqa: N802 - named after the class
    rng = torch.Generator().manual_seed(seed)
    inputs, outputs = _integer(rng, 4, 7), _integer(rng, 4, 7)
    r = _integer(rng, 2, 4)
    shapes = {"weight": (outputs, inputs), "bias": (outputs,), "A": (r, inputs), "B": (outputs, r)}
    x_shape = ((3, inputs), (2, 3, inputs), (inputs,))[seed % 3]
    tensors = {
        name: torch.randn(shape, generator=rng, dtype=torch.float64)
        for name, shape in {"x": x_shape, **shapes}.items()
    }
    return {**tensors, "alpha": float(_integer(rng, 5, 12))}


def probe_LoRALinear(  # noqa: N802 - named after the class
    implementation: Callable[..., Any],
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    A: Tensor,
    B: Tensor,
    alpha: float,
) -> dict[str, object]:
    """Look at a fresh layer, then give it A and B; drop nothing, drop all, and merge."""
    generator = torch.Generator().manual_seed(1)

    def base(weight: Tensor, bias: Tensor | None) -> nn.Linear:
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias is not None, dtype=weight.dtype)
        layer.weight.data.copy_(weight)
        if bias is not None:
            layer.bias.data.copy_(bias)
        return layer

    def built(bias: Tensor | None = bias, **options: Any) -> Any:
        layer = implementation(base(weight, bias), A.shape[0], generator=generator, **options)
        layer.lora_A.data.copy_(A)
        layer.lora_B.data.copy_(B)
        return layer

    wide = implementation(base(torch.zeros(9, 400), None), 9, generator=generator)
    start = wide.lora_A.detach() * math.sqrt(400)
    seen: dict[str, object] = {
        "what is trained": {name: p.requires_grad for name, p in built().named_parameters()},
        "B at first": float(wide.lora_B.detach().abs().max()),
        "A within 1 / sqrt(in)": bool(start.abs().max() <= 1.0001),
        "A evenly spread": bool(start.abs().max() > 0.98) and 0.55 < float(start.std()) < 0.61,
    }
    again = [
        implementation(
            base(weight, bias), A.shape[0], generator=torch.Generator().manual_seed(2)
        ).lora_A.detach()
        for _ in range(2)
    ]
    seen["the generator decides"] = torch.equal(again[0], again[1])
    variants: dict[str, dict[str, Any]] = {
        "alpha by default": {},
        "as told": {"alpha": alpha},
        "rsLoRA": {"alpha": alpha, "rslora": True},
        "without bias": {"alpha": alpha, "bias": None},
    }
    for name, options in variants.items():
        layer = built(**options)
        merged = layer.merged()
        seen[f"output, {name}"] = layer(x).detach()
        seen[f"change of the weight, {name}"] = layer.delta_weight().detach()
        seen[f"merged, {name}"] = [type(merged) is nn.Linear, merged.bias is None, merged(x).detach()]
        seen[f"base afterwards, {name}"] = torch.equal(layer.base.weight, weight)
    layer = built(alpha=alpha, dropout=1.0)
    seen["all is dropped"] = layer(x).detach()
    seen["all is dropped, but not when evaluating"] = layer.eval()(x).detach()
    return seen


def sample_switch_task(seed: int) -> dict[str, object]:
    """Two tasks whose ranks differ, most of the time."""
    rng = torch.Generator().manual_seed(seed)
    inputs, outputs = _integer(rng, 3, 6), _integer(rng, 3, 6)

    def change(r: int) -> tuple[Tensor, Tensor]:
        A = torch.randn(r, inputs, generator=rng, dtype=torch.float64)
        return A, torch.randn(outputs, r, generator=rng, dtype=torch.float64)

    ranks = ((1, 3), (3, 2), (2, 2))[seed % 3]
    return {
        "merged": torch.randn(outputs, inputs, generator=rng, dtype=torch.float64),
        "old": change(ranks[0]),
        "new": change(ranks[1]),
        "alpha": float(_integer(rng, 4, 9)),
    }


def probe_switch_task(
    implementation: Callable[..., Tensor],
    merged: Tensor,
    old: tuple[Tensor, Tensor],
    new: tuple[Tensor, Tensor],
    alpha: float,
) -> dict[str, object]:
    """Switch, and look whether the merged weight is still what it was."""
    before = merged.clone()
    return {
        "switched": implementation(merged, old, new, alpha),
        "merged afterwards": torch.equal(merged, before),
    }


def sample_lora_percent(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    inputs, outputs = ((1024, 1024), (768, 3072), (4096, 4096), (4096, 1024), (2048, 8192))[
        _integer(rng, 0, 4)
    ]
    return {"inputs": inputs, "outputs": outputs, "r": 2 ** _integer(rng, 0, 5)}


def sample_lora_parameters(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    width, layers = ((768, 12), (1024, 24), (4096, 32), (12288, 96))[_integer(rng, 0, 3)]
    return {"width": width, "layers": layers, "r": 2 ** _integer(rng, 0, 4), "matrices": _integer(rng, 2, 4)}


def sample_svd_compress_delta(seed: int) -> dict[str, object]:
    """A change with well separated singular values, and a rank below and at the full one."""
    rng = torch.Generator().manual_seed(seed)
    rows, columns = ((5, 3), (3, 5), (4, 4), (2, 6))[seed % 4]
    rank = min(rows, columns)
    U = torch.linalg.qr(torch.randn(rows, rank, generator=rng, dtype=torch.float64))[0]
    V = torch.linalg.qr(torch.randn(columns, rank, generator=rng, dtype=torch.float64))[0]
    values = torch.tensor([9.0, 5.0, 2.0, 0.7], dtype=torch.float64)[:rank]
    before = torch.randn(rows, columns, generator=rng, dtype=torch.float64)
    r = rank if seed % 5 == 4 else _integer(rng, 1, rank - 1)
    return {"w_before": before, "w_after": before + U * values @ V.T, "r": r}


def probe_svd_compress_delta(
    implementation: Callable[..., tuple[Tensor, Tensor]], w_before: Tensor, w_after: Tensor, r: int
) -> dict[str, object]:
    """The signs of singular vectors are free, the product and the sizes are not."""
    A, B = implementation(w_before, w_after, r)
    return {
        "shapes of A and B": [tuple(A.shape), tuple(B.shape)],
        "B @ A": B @ A,
        "A @ A.T": A @ A.T,
        "B.T @ B": B.T @ B,
    }


def sample_best_rank_error(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    tail = ((4, 3), (12, 5), (8, 6), (2, 2, 1), (6, 3, 2), (1, 1), (3, 1))[_integer(rng, 0, 6)]
    head = sorted(
        (_integer(rng, tail[0] + 1, tail[0] + 20) for _ in range(_integer(rng, 1, 3))), reverse=True
    )
    return {"singular_values": [*head, *tail], "r": len(head)}


def sample_first_steps(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    names = ["lora_A", "lora_B", "base.weight"]
    order = torch.randperm(3, generator=rng).tolist()
    return {"asked": [names[index] for index in order], "r": _integer(rng, 1, 3)}


def sample_targets(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    targets = (["q"], ["v"], ["q", "v"], ["up"], ["q", "up"], ["v", "up"])[_integer(rng, 0, 5)]
    return {"targets": targets, "r": _integer(rng, 1, 3)}


if __name__ == "__main__":
    print(claim())
    main()
