"""Adapters against loops in plain Python, torch's own layers and counts."""

import copy
import math
from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
F64 = torch.float64

ONE_BY_ONE: dict[str, Callable[[float], float]] = {
    "gelu": lambda z: z * (1 + math.erf(z / math.sqrt(2))) / 2,
    "relu": lambda z: max(z, 0.0),
    "silu": lambda z: z / (1 + math.exp(-z)),
    "tanh": math.tanh,
}


@pytest.fixture(scope="module")
def at(load_snippet: Loader) -> ModuleType:
    return load_snippet("finetuning/adapter_tuning")


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=rng(seed), dtype=F64).to(dtype)


def filled(at: ModuleType, dim: int, bottleneck: int, **options: Any) -> Any:
    """Return an adapter with weights and biases of size 1."""
    adapter = at.Adapter(dim, bottleneck, generator=rng(), **{"dtype": F64, **options})
    for index, parameter in enumerate(adapter.parameters()):
        parameter.data.copy_(rand(*parameter.shape, seed=index + 1))
    return adapter


# Adapter


@pytest.mark.parametrize("activation", list(ONE_BY_ONE))
@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (0, 5)])
def test_forward_equals_loops(at: ModuleType, activation: str, shape: tuple[int, ...]) -> None:
    adapter, x = filled(at, 5, 2, activation=activation), rand(*shape, seed=9)
    w = {name: tensor.tolist() for name, tensor in adapter.state_dict().items()}
    rows = []
    for h in x.reshape(-1, 5).tolist():
        hidden = []
        for row, bias in zip(w["down.weight"], w["down.bias"], strict=True):
            z = sum(a * b for a, b in zip(row, h, strict=True)) + bias
            hidden.append(ONE_BY_ONE[activation](z))
        for i in range(5):
            added = sum(a * b for a, b in zip(w["up.weight"][i], hidden, strict=True))
            rows.append(h[i] + added + w["up.bias"][i])
    expected = torch.tensor(rows, dtype=F64).reshape(shape)
    torch.testing.assert_close(adapter(x), expected, atol=1e-12, rtol=1e-12)


def test_gelu_is_the_default(at: ModuleType) -> None:
    x = rand(3, 4)
    assert torch.equal(filled(at, 4, 2)(x), filled(at, 4, 2, activation="gelu")(x))


def test_forward_is_differentiable(at: ModuleType) -> None:
    adapter, x = filled(at, 3, 2), rand(2, 3, seed=9).requires_grad_()
    names = [name for name, _ in adapter.named_parameters()]
    weights = [p.detach().clone().requires_grad_() for p in adapter.parameters()]

    def run(x: Tensor, *weights: Tensor) -> Any:
        return torch.func.functional_call(adapter, dict(zip(names, weights, strict=True)), (x,))

    assert torch.autograd.gradcheck(run, (x, *weights))


@pytest.mark.parametrize(("dim", "bottleneck"), [(1, 1), (6, 3), (4, 9)])
def test_parts_have_the_shapes_and_the_dtype_of_the_contract(
    at: ModuleType, dim: int, bottleneck: int
) -> None:
    adapter = at.Adapter(dim, bottleneck, generator=rng(), dtype=F64)
    shapes = {name: tuple(p.shape) for name, p in adapter.named_parameters()}
    assert shapes == {
        "down.weight": (bottleneck, dim),
        "down.bias": (bottleneck,),
        "up.weight": (dim, bottleneck),
        "up.bias": (dim,),
    }
    assert {p.dtype for p in adapter.parameters()} == {F64}
    assert all(p.requires_grad for p in adapter.parameters())
    assert at.Adapter(dim, bottleneck, generator=rng()).down.weight.dtype == torch.float32
    assert isinstance(adapter.down, nn.Linear)
    assert isinstance(adapter.up, nn.Linear)


@pytest.mark.parametrize("options", [{}, {"init_std": 0.3}, {"init_std": 2.0, "dtype": F64}])
def test_the_start_is_a_normal_distribution_cut_at_two_std(at: ModuleType, options: dict[str, Any]) -> None:
    std = options.get("init_std", 0.01)
    adapter = at.Adapter(300, 200, generator=rng(3), **options)
    for weight in (adapter.down.weight, adapter.up.weight):
        z = weight.detach().double().flatten() / std
        assert float(z.abs().max()) <= 2 + 1e-6
        assert float(z.mean()) == pytest.approx(0, abs=0.02)
        mass = math.erf(2 / math.sqrt(2))
        variance = 1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / mass
        assert float(z.std()) == pytest.approx(math.sqrt(variance), abs=0.01)
        for edge in (-1.5, -0.5, 0.0, 1.0, 1.8):  # the distribution function of the truncated normal
            expected = (math.erf(edge / math.sqrt(2)) / mass + 1) / 2
            assert float((z <= edge).double().mean()) == pytest.approx(expected, abs=0.01)
    assert not adapter.down.bias.any()
    assert not adapter.up.bias.any()


def test_a_start_without_spread_is_the_identity(at: ModuleType) -> None:
    x = rand(4, 6, dtype=torch.float32)
    assert torch.equal(at.Adapter(6, 2, init_std=0.0, generator=rng())(x), x)


def test_the_generator_alone_decides(at: ModuleType) -> None:
    one, same, other = (at.Adapter(6, 3, generator=rng(seed)).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["down.weight"], other["down.weight"])
    assert not torch.equal(one["down.weight"].flatten(), one["up.weight"].flatten())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_computed_in_float32_and_rounded_once(at: ModuleType, dtype: torch.dtype) -> None:
    x = rand(4, 6, seed=9, dtype=dtype)
    adapter = filled(at, 6, 3, dtype=dtype)
    wide = copy.deepcopy(adapter).float()
    assert adapter(x).dtype == dtype
    assert torch.equal(adapter(x), wide(x.float()).to(dtype))
    assert torch.equal(wide(x), wide(x.float()).to(dtype))


def test_the_input_stays_as_it_is(at: ModuleType) -> None:
    x = rand(2, 3)
    before = x.clone()
    filled(at, 3, 2)(x).detach().add_(1)
    at.Adapter(3, 2, init_std=0.0, generator=rng())(x).detach().add_(1)
    assert torch.equal(x, before)


def test_an_adapter_is_not_affine_but_for_its_nonlinearity(at: ModuleType) -> None:
    for activation in ONE_BY_ONE:
        adapter, h = filled(at, 4, 3, activation=activation), rand(4, seed=9)
        assert not torch.allclose(adapter(h) + adapter(-h), 2 * adapter(torch.zeros_like(h)))


@pytest.mark.parametrize(
    ("dim", "bottleneck", "options", "named"),
    [
        (4, 0, {}, "bottleneck"),
        (4, -1, {}, "bottleneck"),
        (0, 2, {}, "dim"),
        (4, 2, {"activation": "GELU"}, "activation"),
        (4, 2, {"activation": "swish"}, "activation"),
        (4, 2, {"init_std": -0.1}, "init_std"),
        (4, 2, {"init_std": math.nan}, "init_std"),
    ],
)
def test_adapters_refuse_bad_sizes(
    at: ModuleType, dim: int, bottleneck: int, options: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        at.Adapter(dim, bottleneck, generator=rng(), **options)


def test_adapters_refuse_other_inputs(at: ModuleType) -> None:
    adapter = filled(at, 4, 2)
    with pytest.raises(ValueError, match="x must"):
        adapter(rand(2, 5))
    with pytest.raises(ValueError, match="x must"):
        adapter(rand())
    with pytest.raises(TypeError, match="x must"):
        adapter(torch.ones(2, 4, dtype=torch.int64))
    with pytest.raises(TypeError, match="dtype"):
        at.Adapter(4, 2, generator=rng(), dtype=torch.int64)


# adapted_sublayer


def test_a_sublayer_equals_torchs_post_ln_layer_while_adapters_do_nothing(at: ModuleType) -> None:
    layer = nn.TransformerEncoderLayer(
        8, 2, 16, dropout=0.0, batch_first=True, device="meta", dtype=F64
    ).to_empty(device="cpu")
    for index, parameter in enumerate(layer.parameters()):
        parameter.data.copy_(rand(*parameter.shape, seed=index))
    identity = at.Adapter(8, 3, init_std=0.0, generator=rng(), dtype=F64)
    x = rand(2, 5, 8, seed=99)
    attended = layer.self_attn(x, x, x, need_weights=False)[0]
    first = at.adapted_sublayer(x, attended, identity, layer.norm1)
    second = at.adapted_sublayer(first, layer.linear2(layer.linear1(first).relu()), identity, layer.norm2)
    torch.testing.assert_close(second, layer(x), atol=1e-10, rtol=1e-10)


def test_the_adapter_sees_the_sublayer_and_the_norm_sees_the_sum(at: ModuleType) -> None:
    x, out = rand(2, 3), rand(2, 3, seed=1)
    seen: list[tuple[str, Tensor]] = []

    def adapter(h: Tensor) -> Tensor:
        seen.append(("adapter", h))
        return 10 * h

    def norm(h: Tensor) -> Tensor:
        seen.append(("norm", h))
        return 2 * h

    got = at.adapted_sublayer(x, out, adapter, norm)
    assert [name for name, _ in seen] == ["adapter", "norm"]
    assert torch.equal(seen[0][1], out)
    torch.testing.assert_close(got, 2 * x + 20 * out)


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 4)])
def test_sublayers_refuse_to_broadcast(at: ModuleType, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="sublayer_output"):
        at.adapted_sublayer(rand(2, 3), rand(*shape), nn.Identity(), nn.Identity())


# Counting and freezing


def test_the_count_of_the_article(at: ModuleType) -> None:
    assert at.adapter_parameter_count(1024, 64, 24) == 6_441_984
    assert 24 * (2 * 132_160 + 4_096) == 6_441_984
    assert at.adapter_parameter_count(1024, 64, 24) / 340e6 == pytest.approx(0.02, abs=0.002)


@pytest.mark.parametrize("train_layernorm", [True, False])
@pytest.mark.parametrize(("dim", "bottleneck", "layers", "each"), [(6, 2, 3, 2), (5, 1, 1, 1), (4, 7, 2, 2)])
def test_counts_equal_those_of_a_real_network(
    at: ModuleType, dim: int, bottleneck: int, layers: int, each: int, train_layernorm: bool
) -> None:
    network = nn.ModuleList()
    for _ in range(layers):
        network.append(nn.Linear(dim, dim, device="meta"))
        network.extend(nn.LayerNorm(dim) for _ in range(2))
        network.extend(at.Adapter(dim, bottleneck, generator=rng()) for _ in range(each))
    count = at.adapter_parameter_count(
        dim, bottleneck, layers, adapters_per_layer=each, train_layernorm=train_layernorm
    )
    assert at.freeze_for_adapters_(network, train_layernorm=train_layernorm) == count
    assert sum(p.numel() for p in network.parameters() if p.requires_grad) == count
    for part in network:
        trained = isinstance(part, at.Adapter) or (train_layernorm and isinstance(part, nn.LayerNorm))
        assert all(p.requires_grad == trained for p in part.parameters())


@pytest.mark.parametrize(
    ("sizes", "named"),
    [((0, 1, 1), "dim"), ((1, 0, 1), "bottleneck"), ((1, 1, 0), "n_layers"), ((-4, 1, 1), "dim")],
)
def test_counts_refuse_sizes_below_one(at: ModuleType, sizes: tuple[int, int, int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        at.adapter_parameter_count(*sizes)
    with pytest.raises(ValueError, match="adapters_per_layer"):
        at.adapter_parameter_count(1, 1, 1, adapters_per_layer=0)


def test_freezing_thaws_what_was_frozen_and_counts_shared_parameters_once(at: ModuleType) -> None:
    adapter = at.Adapter(4, 2, generator=rng())
    network = nn.ModuleDict(
        {"linear": nn.Linear(4, 4, device="meta"), "one": adapter, "again": nn.Sequential(adapter)}
    )
    network.requires_grad_(False)
    assert at.freeze_for_adapters_(network) == 2 * 8 + 2 + 4
    assert not any(p.requires_grad for p in network["linear"].parameters())
    assert at.freeze_for_adapters_(network, train_layernorm=False) == 22
    assert at.freeze_for_adapters_(adapter) == 22
    assert at.freeze_for_adapters_(nn.Linear(2, 2, device="meta")) == 0


def test_freezing_changes_no_number(at: ModuleType) -> None:
    network = nn.Sequential(filled(at, 4, 2), nn.LayerNorm(4))
    before = copy.deepcopy(network.state_dict())
    at.freeze_for_adapters_(network)
    assert all(torch.equal(before[name], now) for name, now in network.state_dict().items())


@pytest.mark.parametrize(("millions", "dim", "bottleneck", "layers"), [(1, 2, 1, 1), (110, 768, 64, 12)])
def test_percent_counts_norms_once(
    at: ModuleType, millions: int, dim: int, bottleneck: int, layers: int
) -> None:
    adapters = layers * 2 * (2 * dim * bottleneck + dim + bottleneck)
    expected = 100 * (adapters + layers * 4 * dim) / (millions * 10**6 + adapters)
    assert at.trained_percent(millions, dim, bottleneck, layers) == pytest.approx(expected, rel=1e-12)


# What the article says


def test_the_worked_example_of_the_article(at: ModuleType) -> None:
    adapter = at.Adapter(2, 1, activation="relu", generator=rng(), dtype=F64)
    weights = {
        "down.weight": [[2.0, 0.5]],
        "down.bias": [0.5],
        "up.weight": [[0.2], [-0.4]],
        "up.bias": [0.0, 0.1],
    }
    adapter.load_state_dict({name: torch.tensor(value, dtype=F64) for name, value in weights.items()})
    h = torch.tensor([1.0, -2.0], dtype=F64)
    assert adapter(h).tolist() == pytest.approx([1.3, -2.5])
    assert (adapter(h) + adapter(-h)).tolist() == pytest.approx([0.3, -0.4])
    assert (2 * adapter(torch.zeros(2, dtype=F64))).tolist() == pytest.approx([0.2, -0.2])


@pytest.mark.parametrize(
    ("std", "measured", "bound"), [(0.001, 1e-4, 1e-5), (0.01, 0.011, 6e-4), (0.1, 1.4, 0.05)]
)
def test_the_change_at_the_start_is_that_of_the_article(
    at: ModuleType, std: float, measured: float, bound: float
) -> None:
    assert at._start_change(std, 1024, 64) == pytest.approx(measured, abs=bound)
    if std <= 0.01:
        formula = (0.88 * std) ** 2 / 2 * math.sqrt(64 * 1024)
        assert at._start_change(std, 1024, 64) == pytest.approx(formula, rel=0.1)


def test_an_adapter_of_zeros_moves_only_its_last_bias(at: ModuleType) -> None:
    adapter = at.Adapter(4, 2, init_std=0.0, generator=rng(), dtype=F64)
    x, wanted = rand(5, 4), rand(5, 4, seed=1)
    optimizer = torch.optim.SGD(adapter.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        (adapter(x) - wanted).square().sum().backward()
        optimizer.step()
    moved = {name: bool(p.any()) for name, p in adapter.named_parameters()}
    assert moved == {"down.weight": False, "down.bias": False, "up.weight": False, "up.bias": True}


def test_the_gradients_are_those_of_the_article(at: ModuleType) -> None:
    adapter, h, g = filled(at, 4, 3), rand(4, seed=9), rand(4, seed=8)
    adapter(h).backward(g)
    z = (adapter.down.weight @ h + adapter.down.bias).detach().requires_grad_()
    slope = torch.autograd.grad(nn.functional.gelu(z).sum(), z)[0]
    torch.testing.assert_close(adapter.up.weight.grad, torch.outer(g, nn.functional.gelu(z)))
    expected = torch.outer(slope * (adapter.up.weight.T @ g), h)
    torch.testing.assert_close(adapter.down.weight.grad, expected)


def test_a_frozen_linear_layer_lets_go_of_its_input_and_gelu_does_not(at: ModuleType) -> None:
    del at
    x = rand(5, 8).requires_grad_()

    def kept(layer: Callable[[Tensor], Tensor]) -> list[tuple[int, ...]]:
        shapes: list[tuple[int, ...]] = []

        def pack(tensor: Tensor) -> Tensor:
            shapes.append(tuple(tensor.shape))
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            layer(x)
        return shapes

    weight = rand(3, 8)
    assert (5, 8) not in kept(lambda x: nn.functional.linear(x, weight))
    assert (5, 8) in kept(lambda x: nn.functional.linear(x, weight.clone().requires_grad_()))
    assert (5, 8) in kept(nn.functional.gelu)
    assert (5, 8) in kept(lambda x: nn.functional.layer_norm(x, (8,)))


def test_gradients_reach_every_layer_above_the_lowest_adapter(at: ModuleType) -> None:
    for seed in range(20):
        chain = at.sample_chain(seed)["chain"]
        assert chain[0] == "frozen"
        assert "adapter" in chain
        layers = [filled(at, 4, 2) if kind == "adapter" else nn.Linear(4, 4, device="meta") for kind in chain]
        for layer in layers:
            if isinstance(layer, nn.Linear):
                layer.to_empty(device="cpu").to(F64)
                layer.weight.data.copy_(torch.eye(4))
                layer.bias.data.zero_()
        at.freeze_for_adapters_(nn.Sequential(*layers))
        outputs = [rand(4)]
        for layer in layers:
            outputs.append(layer(outputs[-1]))
        reached = [x.requires_grad for x in outputs[1:]]
        lowest = chain.index("adapter")
        assert reached == [index >= lowest for index in range(5)]


def test_the_claim_is_deterministic_and_the_start_decides_how_well_it_trains(at: ModuleType) -> None:
    usual = at.claim(0)
    assert usual == at.claim(0)
    assert usual["measured"]["loss_before"] == pytest.approx(0.63, rel=0.1)
    assert usual["measured"]["loss_after"] == pytest.approx(0.027, rel=0.1)
    assert imitated(at, 1.0) == pytest.approx((1.97, 0.56), rel=0.1)
    assert imitated(at, 0.0) == pytest.approx((0.63, 0.16), rel=0.1)


def imitated(at: ModuleType, std: float) -> tuple[float, float]:
    """Do as the claim does, with another start; return the loss before and after."""
    generator = rng(1000)
    network, target = at._network(0, "cpu"), at._network(0, "cpu")
    x = torch.randn(16, 8, 64, generator=generator)
    with torch.no_grad():
        for weight in target.parameters():
            noise = torch.randn(weight.shape, generator=generator)
            weight.add_(0.3 * noise * weight.norm() / math.sqrt(weight.numel()))
        wanted = target(x)
        at._insert_adapters_(network, generator, std)
    at.freeze_for_adapters_(network)
    losses = at._train(network, x, wanted, 200)
    return losses[0], losses[-1]


# What cards draw, and the claim


def test_vectors_of_cards_never_become_zero(at: ModuleType) -> None:
    for seed in range(100):
        drawn = at.sample_fresh_vector(seed)
        assert all(value != 0 and value + drawn["bias"] != 0 for value in drawn["values"])


def test_a_fresh_adapter_does_not_show_in_two_decimals(at: ModuleType) -> None:
    for seed in range(200):
        drawn = at.sample_fresh_vector(seed)
        adapter = at.Adapter(4, 2, generator=rng(drawn["seed"]))
        shown = [round(value, 2) for value in adapter(torch.tensor(drawn["values"])).tolist()]
        assert shown == drawn["values"]
        adapter.up.bias.data.fill_(drawn["bias"])
        shown = [round(value, 2) for value in adapter(torch.tensor(drawn["values"])).tolist()]
        assert shown == [value + drawn["bias"] for value in drawn["values"]]


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds(at: ModuleType, seed: int) -> None:
    result = at.claim(seed)
    assert result["passed"] is True
    measured = result["measured"]
    assert list(measured) == ["init_rel", "fraction", "loss_before", "loss_after", "same"]
    assert all(type(value) is float for value in measured.values())
    assert 0 < measured["init_rel"] < 1e-2
    block = 4 * (64 * 64 + 64) + (64 * 256 + 256) + (256 * 64 + 64) + 4 * 64
    trained = at.adapter_parameter_count(64, 8, 2)
    assert measured["fraction"] == trained / (2 * block + trained - 2 * 4 * 64)
    assert measured["fraction"] < 0.05
    assert measured["loss_after"] < 0.3 * measured["loss_before"]
    assert measured["same"] == 1


def test_main_is_short(at: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    at.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_rises(at: ModuleType) -> None:
    (curve,) = at.picture().values()
    assert len(curve) == 31
    assert all(one < other for one, other in pairwise(curve))
    assert curve[10] == pytest.approx(curve[0] + 2, abs=0.01)


def test_all_names_what_is_public(at: ModuleType) -> None:
    assert all(hasattr(at, name) for name in at.__all__)
    assert {"Adapter", "adapted_sublayer", "adapter_parameter_count", "freeze_for_adapters_", "claim"} <= set(
        at.__all__
    )
