"""Bottleneck adapters: freeze the network, and train a small residual module in every layer.

Source: Houlsby et al., "Parameter-Efficient Transfer Learning for NLP", 2019, arXiv:1902.00751, section 2.
    One adapter per layer: Pfeiffer et al., "AdapterFusion", 2020, arXiv:2005.00247.

Shapes: B batch, T time steps, d features, m features inside the bottleneck.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = [
    "Adapter",
    "adapted_sublayer",
    "adapter_parameter_count",
    "claim",
    "freeze_except_",
    "freeze_for_adapters_",
    "main",
    "picture",
    "trained_percent",
]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,  # the exact one, with erf
    "relu": F.relu,
    "silu": F.silu,
    "tanh": torch.tanh,
}


class Adapter(nn.Module):
    """Squeeze through a bottleneck and add: x + up(act(down(x))), at first almost x itself.

    x:       (..., d)
    returns: (..., d) in the dtype of x; halves are computed in float32 and rounded once
    """

    def __init__(
        self,
        dim: int,
        bottleneck: int,
        *,
        activation: str = "gelu",
        init_std: float = 1e-2,
        generator: torch.Generator,
        dtype: torch.dtype | None = None,
    ) -> None:
        if dim < 1:
            raise ValueError(f"dim must be at least 1, not {dim}")
        if bottleneck < 1:
            raise ValueError(f"bottleneck must be at least 1, not {bottleneck}")
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, not {activation!r}")
        if not init_std >= 0:
            raise ValueError(f"init_std must not be negative: {init_std}")
        if dtype is not None and not dtype.is_floating_point:
            raise TypeError(f"dtype must be floating, not {dtype}")
        super().__init__()
        self.activation = activation
        self.down = _empty_linear(dim, bottleneck, generator.device, dtype)
        self.up = _empty_linear(bottleneck, dim, generator.device, dtype)
        for layer in (self.down, self.up):
            start = torch.empty(layer.weight.shape, device=generator.device)
            nn.init.trunc_normal_(start, a=-2.0, b=2.0, generator=generator)  # 0, 1, cut at 2 std
            layer.weight.data.copy_(init_std * start)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return what goes on instead of x."""
        if not x.is_floating_point():
            raise TypeError(f"x must be floating, not {x.dtype}")
        if x.ndim == 0 or x.shape[-1] != self.down.in_features:
            raise ValueError(f"x must be (..., {self.down.in_features}), not {tuple(x.shape)}")
        h = x.to(torch.promote_types(x.dtype, torch.float32))
        hidden = ACTIVATIONS[self.activation](_affine(h, self.down))  # (..., m)
        return (h + _affine(hidden, self.up)).to(x.dtype)


def _empty_linear(
    inputs: int, outputs: int, device: torch.device, dtype: torch.dtype | None = None
) -> nn.Linear:
    """A linear layer that was not filled with numbers of the global generator."""
    layer = nn.Linear(inputs, outputs, device="meta", dtype=dtype)
    return layer.to_empty(device=device)


def _affine(x: Tensor, layer: nn.Linear) -> Tensor:
    return F.linear(x, layer.weight.to(x.dtype), layer.bias.to(x.dtype))


def adapted_sublayer(
    x: Tensor,
    sublayer_output: Tensor,
    adapter: Callable[[Tensor], Tensor],
    norm: Callable[[Tensor], Tensor],
) -> Tensor:
    """End a post-LN sublayer: the adapter sees what the sublayer projected, before it is added to x.

    x, sublayer_output: (..., d)
    returns:            (..., d)
    """
    if x.shape != sublayer_output.shape:
        raise ValueError(
            f"sublayer_output must have the shape of x, {tuple(x.shape)}, not {tuple(sublayer_output.shape)}"
        )
    return norm(x + adapter(sublayer_output))


def adapter_parameter_count(
    dim: int, bottleneck: int, n_layers: int, *, adapters_per_layer: int = 2, train_layernorm: bool = True
) -> int:
    """Parameters that one task trains and stores, its head aside, with two LayerNorms per layer."""
    sizes = {"dim": dim, "bottleneck": bottleneck, "n_layers": n_layers}
    for name, size in {**sizes, "adapters_per_layer": adapters_per_layer}.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, not {size}")
    adapter = 2 * dim * bottleneck + bottleneck + dim  # two matrices and their biases
    norms = 2 * 2 * dim  # two norms, each with a gain and a bias
    return n_layers * (adapters_per_layer * adapter + (norms if train_layernorm else 0))


def trained_percent(millions: int, dim: int, bottleneck: int, n_layers: int) -> float:
    """How much of the adapted model (backbone of so many million parameters, and adapters) is trained."""
    trained = adapter_parameter_count(dim, bottleneck, n_layers)
    added = adapter_parameter_count(dim, bottleneck, n_layers, train_layernorm=False)
    return 100 * trained / (millions * 1_000_000 + added)


def freeze_except_(module: nn.Module, kinds: tuple[type[nn.Module], ...]) -> int:
    """Let gradients reach only parameters that lie in a module of one of these kinds; return their number."""
    kept = {p for part in module.modules() if isinstance(part, kinds) for p in part.parameters()}
    for parameter in module.parameters():
        parameter.requires_grad_(parameter in kept)
    return sum(parameter.numel() for parameter in kept)


def freeze_for_adapters_(module: nn.Module, *, train_layernorm: bool = True) -> int:
    """Train the adapters (and LayerNorms) and nothing else; return the number of trained parameters."""
    return freeze_except_(module, (Adapter, nn.LayerNorm) if train_layernorm else (Adapter,))


class _Block(nn.Module):
    """A post-LN transformer block: attention with four heads, then two linear layers."""

    def __init__(self, dim: int, rng: torch.Generator) -> None:
        super().__init__()
        self.qkv, self.project = _drawn_linear(dim, 3 * dim, rng), _drawn_linear(dim, dim, rng)
        self.widen, self.narrow = _drawn_linear(dim, 4 * dim, rng), _drawn_linear(4 * dim, dim, rng)
        self.norms = nn.ModuleList(nn.LayerNorm(dim, device=rng.device) for _ in range(2))
        self.adapters = nn.ModuleList(nn.Identity() for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (4, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1)
        )  # (B, 4, T, d/4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(-2)
        x = adapted_sublayer(x, self.project(mixed), self.adapters[0], self.norms[0])
        return adapted_sublayer(x, self.narrow(F.gelu(self.widen(x))), self.adapters[1], self.norms[1])


def _drawn_linear(inputs: int, outputs: int, rng: torch.Generator) -> nn.Linear:
    layer = _empty_linear(inputs, outputs, rng.device)
    nn.init.normal_(layer.weight, std=inputs**-0.5, generator=rng)
    nn.init.zeros_(layer.bias)
    return layer


def _network(seed: int, device: str) -> nn.Sequential:
    rng = torch.Generator(device).manual_seed(seed)
    return nn.Sequential(_Block(64, rng), _Block(64, rng))


def _insert_adapters_(network: nn.Module, rng: torch.Generator, init_std: float = 1e-2) -> None:
    for block in network.modules():
        if isinstance(block, _Block):
            block.adapters = nn.ModuleList(Adapter(64, 8, init_std=init_std, generator=rng) for _ in range(2))


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Teach a frozen network to behave like a perturbed copy of itself."""
    rng = torch.Generator(device).manual_seed(seed + 1000)
    network, target = _network(seed, device), _network(seed, device)
    x = torch.randn(16, 8, 64, generator=rng, device=device)
    with torch.no_grad():
        before = network(x)
        for weight in target.parameters():
            noise = torch.randn(weight.shape, generator=rng, device=device)
            weight.add_(0.3 * noise * weight.norm() / math.sqrt(weight.numel()))
        wanted = target(x)
        _insert_adapters_(network, rng)
        init_rel = float((network(x) - before).norm() / before.norm())
    trained = freeze_for_adapters_(network)
    total = sum(parameter.numel() for parameter in network.parameters())
    frozen = [(p, p.detach().clone()) for p in network.parameters() if not p.requires_grad]
    losses = _train(network, x, wanted, steps=200)
    measured = {
        "init_rel": init_rel,
        "fraction": trained / total,
        "loss_before": losses[0],
        "loss_after": losses[-1],
        "same": float(all(torch.equal(now, then) for now, then in frozen)),
    }
    return {
        "statement": "Adapters and LayerNorms alone bring a frozen network close to a perturbed copy of it.",
        "measured": measured,
        "passed": measured["init_rel"] < 1e-2
        and measured["fraction"] < 0.05
        and measured["loss_after"] < 0.3 * measured["loss_before"]
        and measured["same"] == 1,
    }


def _train(network: nn.Module, x: Tensor, wanted: Tensor, steps: int, lr: float = 1e-2) -> list[float]:
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=lr)
    losses = []
    for step in range(steps + 1):
        loss = F.mse_loss(network(x), wanted)
        losses.append(loss.item())
        if step < steps:
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    return losses


def _start_change(init_std: float, dim: int, bottleneck: int, seed: int = 0, device: str = "cpu") -> float:
    """Relative change that a fresh adapter makes to inputs of variance 1."""
    rng = torch.Generator(device).manual_seed(seed)
    adapter = Adapter(dim, bottleneck, init_std=init_std, generator=rng)
    x = torch.randn(256, dim, generator=rng, device=device)
    with torch.no_grad():
        return float((adapter(x) - x).norm() / x.norm())


def picture(seed: int = 0) -> dict[str, list[float]]:
    """How far from the identity an adapter starts, for init_std = 10^-3 ... 10^0 (log10 of the change)."""
    powers = [-3 + step / 10 for step in range(31)]
    return {"log10 |A(x) - x| / |x|": [math.log10(_start_change(10**p, 256, 32, seed)) for p in powers]}


def main(device: str = "cpu") -> None:
    """Show what an adapter costs, and what the start has to do with the identity."""
    for bottleneck in (8, 64, 256):
        count = adapter_parameter_count(1024, bottleneck, 24)
        print(f"d = 1024, 24 layers, m = {bottleneck:3}: {count:10,} parameters per task")
    for init_std in (0.001, 0.01, 0.1, 1.0):
        change = _start_change(init_std, 1024, 64, device=device)
        print(f"init_std {init_std:5}: a fresh adapter changes its input by {100 * change:.3g} %")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def sample_Adapter(seed: int) -> dict[str, object]:  # noqa: N802 - named after the class
    rng = torch.Generator().manual_seed(seed)
    d, m = _integer(rng, 3, 6), _integer(rng, 1, 4)
    shape = ((2, 3, d), (4, d), (d,))[seed % 3]
    weights = [torch.randn(size, generator=rng, dtype=torch.float64) for size in ((m, d), (m,), (d, m), (d,))]
    return {
        "x": torch.randn(shape, generator=rng, dtype=torch.float64),
        "weights": dict(zip(("down.weight", "down.bias", "up.weight", "up.bias"), weights, strict=True)),
        "activation": ("relu", "silu", "tanh", "gelu")[seed % 4],
        "init_std": (0.02, 0.5)[seed % 2],
    }


def probe_Adapter(  # noqa: N802 - named after the class
    implementation: Callable[..., nn.Module],
    x: Tensor,
    weights: dict[str, Tensor],
    activation: str,
    init_std: float,
) -> dict[str, object]:
    """Look at how it starts, by default and otherwise; then give it weights and let it run."""
    generator = torch.Generator().manual_seed(1)
    m, d = weights["down.weight"].shape
    seen: dict[str, object] = {}
    starts: dict[str, dict[str, float]] = {"by default": {}, "as told": {"init_std": init_std}}
    for name, options in starts.items():
        std = options.get("init_std", 0.01)
        for part, tensor in implementation(80, 50, generator=generator, **options).state_dict().items():
            if part.endswith("bias"):
                seen[f"{part} at the start, {name}"] = float(tensor.abs().max())
                continue
            spread, most = float(tensor.std()) / std, float(tensor.abs().max()) / std
            # A normal distribution that is cut at 2 has the standard deviation 0.88.
            seen[f"{part} at the start, {name}"] = {
                "none beyond 2 std": most <= 2.001,
                "the largest near 2 std": most > 1.9,
                "spread as a cut normal distribution": 0.84 < spread < 0.92,
            }
    again = [implementation(d, m, generator=torch.Generator().manual_seed(2)).state_dict() for _ in range(2)]
    seen["the generator decides"] = all(torch.equal(again[0][part], again[1][part]) for part in again[0])
    forms: dict[str, dict[str, str]] = {"gelu by default": {}, activation: {"activation": activation}}
    for name, form in forms.items():
        adapter = implementation(d, m, generator=generator, dtype=torch.float64, **form)
        adapter.load_state_dict(weights)
        seen[f"output, {name}"] = adapter(x.clone()).detach()
    return seen


def sample_adapted_sublayer(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    d = _integer(rng, 3, 6)
    shape = ((2, 3, d), (4, d), (d,))[seed % 3]
    x, sublayer_output = torch.randn(2, *shape, generator=rng, dtype=torch.float64)
    mix = torch.randn(d, d, generator=rng, dtype=torch.float64)
    return {"x": x, "sublayer_output": sublayer_output, "mix": mix}


def probe_adapted_sublayer(
    implementation: Callable[..., Tensor], x: Tensor, sublayer_output: Tensor, mix: Tensor
) -> dict[str, object]:
    """Use an adapter far from the identity, LayerNorm, and then a norm that does nothing."""

    def adapter(h: Tensor) -> Tensor:
        return h + torch.tanh(h @ mix)

    def norm(h: Tensor) -> Tensor:
        return F.layer_norm(h, h.shape[-1:])

    copies = x.clone(), sublayer_output.clone()
    return {
        "with LayerNorm": implementation(x, sublayer_output, adapter, norm),
        "with a norm that does nothing": implementation(x, sublayer_output, adapter, lambda h: h),
        "arguments afterwards": torch.equal(x, copies[0]) and torch.equal(sublayer_output, copies[1]),
    }


def sample_adapter_parameter_count(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    dim, layers = ((768, 12), (1024, 24), (512, 6), (256, 4))[_integer(rng, 0, 3)]
    return {
        "dim": dim,
        "bottleneck": 2 ** _integer(rng, 3, 7),
        "n_layers": layers,
        "adapters_per_layer": _integer(rng, 1, 2),
    }


def sample_trained_percent(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    millions, dim, layers = ((110, 768, 12), (340, 1024, 24), (1500, 1600, 48))[_integer(rng, 0, 2)]
    return {"millions": millions, "dim": dim, "bottleneck": 2 ** _integer(rng, 3, 6), "n_layers": layers}


class _Special(nn.LayerNorm):
    """A norm all the same."""


class _Wrapped(nn.Module):
    """Parts under names, some of them perhaps also wanted by kind."""

    def __init__(self, **parts: nn.Module) -> None:
        super().__init__()
        self.own = nn.Parameter(torch.empty(5, device="meta"))
        for name, part in parts.items():
            self.add_module(name, part)


def sample_freeze_except_(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    parts = ("linear", "norm", "nested", "tied", "wrapped")
    kinds = (["norm", "wrapped"], ["norm"], ["wrapped"], ["linear", "norm"], [])[seed % 5]
    order = torch.randperm(len(parts), generator=rng).tolist()
    return {"parts": [parts[index] for index in order], "kinds": kinds, "width": _integer(rng, 2, 6)}


def probe_freeze_except_(
    implementation: Callable[..., int], parts: list[str], kinds: list[str], width: int
) -> dict[str, object]:
    """Build a network in which every second parameter is frozen, and look at all of them afterwards."""
    meta, classes = torch.device("meta"), {"linear": nn.Linear, "norm": nn.LayerNorm, "wrapped": _Wrapped}
    norms = [kind(width, device=meta) for kind in (nn.LayerNorm, _Special, nn.LayerNorm)]
    tied = nn.Linear(width, width, bias=False, device=meta)
    tied_again = nn.Linear(width, width, bias=False, device=meta)
    tied_again.weight = tied.weight
    made = {
        "linear": nn.Linear(width, 2 * width, device=meta),
        "norm": norms[0],
        "nested": nn.Sequential(nn.Linear(2 * width, width, device=meta), nn.Sequential(norms[1])),
        "tied": nn.ModuleList([tied, tied_again]),
        "wrapped": _Wrapped(norm=norms[2], linear=nn.Linear(width, 3, device=meta)),
    }
    network = nn.Sequential(*(made[part] for part in parts))
    for index, parameter in enumerate(network.parameters()):
        parameter.requires_grad_(index % 2 == 0)
    count = implementation(network, tuple(classes[kind] for kind in kinds))
    return {"returned": count, **{name: p.requires_grad for name, p in network.named_parameters()}}


def sample_fresh_vector(seed: int) -> dict[str, object]:
    """Odd quarters, which no multiple of a half turns into zero."""
    rng = torch.Generator().manual_seed(seed)
    return {
        "values": [(2 * _integer(rng, -5, 4) + 1) / 4 for _ in range(4)],
        "bias": (-1.5, -0.5, 0.5, 1.0, 1.5, 2.0)[_integer(rng, 0, 5)],
        "seed": _integer(rng, 0, 99),
    }


def sample_chain(seed: int) -> dict[str, object]:
    """Frozen layers with one or two adapters among them, never at the bottom."""
    rng = torch.Generator().manual_seed(seed)
    chain = ["frozen"] * 5
    for place in (torch.randperm(4, generator=rng)[: _integer(rng, 1, 2)] + 1).tolist():
        chain[place] = "adapter"
    return {"chain": chain}


if __name__ == "__main__":
    print(claim())
    main()
