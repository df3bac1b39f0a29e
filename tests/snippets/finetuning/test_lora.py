"""LoRA against loops, dense matrices, torch's SVD norms, autograd and optimizers."""

import copy
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
F64 = torch.float64


@pytest.fixture(scope="module")
def lora(load_snippet: Loader) -> ModuleType:
    return load_snippet("finetuning/lora")


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=rng(seed), dtype=F64).to(dtype)


def linear(
    inputs: int, outputs: int, bias: bool = True, dtype: torch.dtype = F64, seed: int = 50
) -> nn.Linear:
    """Return a linear layer that was filled without the global generator."""
    layer = nn.Linear(inputs, outputs, bias, device="meta", dtype=dtype).to_empty(device="cpu")
    for index, parameter in enumerate(layer.parameters()):
        parameter.data.copy_(rand(*parameter.shape, seed=seed + index))
    return layer


def filled(lora: ModuleType, base: nn.Linear, r: int, **options: Any) -> Any:
    """Return a layer whose branch is far from zero."""
    layer = lora.LoRALinear(base, r, generator=rng(), **options)
    layer.lora_A.data.copy_(rand(*layer.lora_A.shape, seed=3))
    layer.lora_B.data.copy_(rand(*layer.lora_B.shape, seed=4))
    return layer


# lora_delta


@pytest.mark.parametrize("rslora", [False, True])
@pytest.mark.parametrize(("r", "inputs", "outputs"), [(1, 3, 2), (2, 4, 4), (4, 2, 5)])
def test_the_change_equals_loops(lora: ModuleType, r: int, inputs: int, outputs: int, rslora: bool) -> None:
    A, B = rand(r, inputs), rand(outputs, r, seed=1)
    got = lora.lora_delta(A, B, 6.0, rslora=rslora)
    assert got.shape == (outputs, inputs)
    for i in range(outputs):
        for j in range(inputs):
            total = sum(float(B[i, k]) * float(A[k, j]) for k in range(r))
            factor = 6.0 / r**0.5 if rslora else 6.0 / r
            assert float(got[i, j]) == pytest.approx(factor * total, abs=1e-12)


def test_the_worked_example_of_the_article(lora: ModuleType) -> None:
    A, B = torch.tensor([[1.0, -1.0, 2.0]]), torch.tensor([[2.0], [0.5]])
    delta = lora.lora_delta(A, B, 4.0)
    assert delta.tolist() == [[8, -8, 16], [2, -2, 4]]
    assert (delta @ torch.tensor([3.0, 1.0, 1.0])).tolist() == [32, 8]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_multiplied_in_float32_and_rounded_once(lora: ModuleType, dtype: torch.dtype) -> None:
    A, B = rand(3, 5, dtype=dtype), rand(4, 3, seed=1, dtype=dtype)
    got = lora.lora_delta(A, B, 7.0)
    assert got.dtype == dtype
    assert torch.equal(got, lora.lora_delta(A.float(), B.float(), 7.0).to(dtype))


def test_the_change_is_differentiable_and_leaves_its_arguments(lora: ModuleType) -> None:
    A, B = rand(2, 3).requires_grad_(), rand(4, 2, seed=1).requires_grad_()
    copies = A.detach().clone(), B.detach().clone()
    assert torch.autograd.gradcheck(lambda A, B: lora.lora_delta(A, B, 3.0), (A, B))
    lora.lora_delta(A, B, 3.0).detach().add_(1)
    assert torch.equal(A, copies[0])
    assert torch.equal(B, copies[1])


@pytest.mark.parametrize(
    ("a", "b"), [((2, 3), (4, 3)), ((2, 3), (2, 4)), ((2,), (4, 2)), ((2, 3), (4, 2, 1)), ((0, 3), (4, 0))]
)
def test_the_change_refuses_ranks_that_differ(
    lora: ModuleType, a: tuple[int, ...], b: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="A must"):
        lora.lora_delta(torch.zeros(a), torch.zeros(b), 1.0)
    with pytest.raises(TypeError, match="A and B"):
        lora.lora_delta(torch.zeros(2, 3, dtype=torch.int64), torch.zeros(4, 2), 1.0)


# LoRALinear


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (0, 5)])
@pytest.mark.parametrize("options", [{}, {"alpha": 5.0}, {"alpha": 5.0, "rslora": True}])
def test_the_layer_equals_a_dense_matrix(
    lora: ModuleType, bias: bool, shape: tuple[int, ...], options: dict[str, Any]
) -> None:
    base, x = linear(5, 4, bias), rand(*shape, seed=9)
    layer = filled(lora, base, 3, **options)
    alpha = options.get("alpha", 16.0)
    factor = alpha / math.sqrt(3) if options.get("rslora") else alpha / 3
    dense = base.weight + factor * layer.lora_B @ layer.lora_A
    expected = torch.einsum("oi,...i->...o", dense, x) + (base.bias if bias else 0)
    torch.testing.assert_close(layer(x), expected, atol=1e-12, rtol=1e-12)
    torch.testing.assert_close(layer.delta_weight(), dense - base.weight, atol=1e-12, rtol=1e-12)
    merged = layer.merged()
    assert type(merged) is nn.Linear
    assert (merged.bias is None) == (not bias)
    torch.testing.assert_close(merged(x), expected, atol=1e-12, rtol=1e-12)
    assert layer.scaling == pytest.approx(factor)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, F64])
def test_a_fresh_layer_is_exactly_its_base(lora: ModuleType, dtype: torch.dtype) -> None:
    base, x = linear(6, 4, dtype=dtype), rand(3, 6, dtype=dtype)
    before = base(x)
    layer = lora.LoRALinear(base, 2, generator=rng())
    assert torch.equal(layer(x), before)
    assert torch.equal(layer.merged()(x), before)
    assert layer(x).dtype == dtype
    assert {p.dtype for p in layer.parameters()} == {dtype}
    assert layer.merged().weight.dtype == dtype


def test_the_start_is_uniform_and_zero(lora: ModuleType) -> None:
    layer = lora.LoRALinear(linear(400, 60, dtype=torch.float32), 50, generator=rng(2))
    assert layer.lora_A.shape == (50, 400)
    assert layer.lora_B.shape == (60, 50)
    assert not layer.lora_B.any()
    z = layer.lora_A.detach().double().flatten() * 20
    assert -1.0001 <= float(z.min()) < -0.99
    assert 0.99 < float(z.max()) <= 1.0001
    for edge in (-0.5, 0.0, 0.7):
        assert float((z <= edge).double().mean()) == pytest.approx((edge + 1) / 2, abs=0.015)


def test_the_generator_alone_decides(lora: ModuleType) -> None:
    one, same, other = (lora.LoRALinear(linear(5, 4), 2, generator=rng(s)).lora_A for s in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_the_base_is_frozen_in_place(lora: ModuleType) -> None:
    base = linear(5, 4)
    layer = lora.LoRALinear(base, 2, generator=rng())
    assert layer.base is base
    trained = {name for name, p in layer.named_parameters() if p.requires_grad}
    assert trained == {"lora_A", "lora_B"}
    assert lora.count_parameters(layer) == (2 * (5 + 4), 2 * (5 + 4) + 5 * 4 + 4)


def test_only_b_moves_in_the_first_step_and_the_base_never(lora: ModuleType) -> None:
    base = linear(6, 4)
    before = copy.deepcopy(base.state_dict())
    layer = lora.LoRALinear(base, 2, generator=rng())
    start = layer.lora_A.detach().clone()
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.01)
    x, wanted = rand(8, 6), rand(8, 4, seed=1)
    for step in range(3):
        optimizer.zero_grad()
        (layer(x) - wanted).square().sum().backward()
        assert bool(layer.lora_A.grad.any()) == (step > 0)
        assert bool(layer.lora_B.grad.any())
        assert base.weight.grad is None
        optimizer.step()
        assert torch.equal(layer.lora_A, start) == (step == 0)
    assert all(torch.equal(before[name], now) for name, now in base.state_dict().items())


def test_the_gradients_are_those_of_the_article(lora: ModuleType) -> None:
    layer, x, g = filled(lora, linear(5, 4), 2, alpha=6.0), rand(5, seed=9), rand(4, seed=8)
    layer(x).backward(g)
    torch.testing.assert_close(layer.lora_B.grad, 3 * torch.outer(g, layer.lora_A @ x))
    torch.testing.assert_close(layer.lora_A.grad, 3 * torch.outer(layer.lora_B.T @ g, x))


def test_the_layer_is_differentiable(lora: ModuleType) -> None:
    layer = filled(lora, linear(3, 2), 2)

    def run(x: Tensor, A: Tensor, B: Tensor) -> Any:
        return torch.func.functional_call(layer, {"lora_A": A, "lora_B": B}, (x,))

    arguments = [t.detach().clone().requires_grad_() for t in (rand(4, 3), layer.lora_A, layer.lora_B)]
    assert torch.autograd.gradcheck(run, arguments)


def test_dropout_touches_the_branch_only(lora: ModuleType) -> None:
    base, x = linear(5, 4), rand(3, 5)
    layer = filled(lora, base, 2, dropout=1.0)
    assert torch.equal(layer(x), base(x))
    assert not torch.allclose(layer.eval()(x), base(x))
    half = filled(lora, base, 2, dropout=0.5)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        got = half(x)
        torch.manual_seed(0)
        dropped = nn.functional.dropout(x, 0.5)
    expected = base(x) + 8 * dropped @ half.lora_A.T @ half.lora_B.T
    torch.testing.assert_close(got, expected, atol=1e-12, rtol=1e-12)
    assert not torch.allclose(got, half.eval()(x))


def test_merging_leaves_the_layer_as_it_is(lora: ModuleType) -> None:
    layer, x = filled(lora, linear(5, 4), 2), rand(3, 5)
    before, state = layer(x).detach(), copy.deepcopy(layer.state_dict())
    merged = layer.merged()
    merged.weight.data.zero_()
    merged.bias.data.zero_()
    assert torch.equal(layer(x), before)
    assert all(torch.equal(state[name], now) for name, now in layer.state_dict().items())
    assert all(p.is_leaf and p.requires_grad for p in merged.parameters())


def test_merging_in_halves_rounds_once(lora: ModuleType) -> None:
    layer = filled(lora, linear(5, 4, dtype=torch.bfloat16), 2)
    exact = layer.base.weight.float() + 8 * layer.lora_B.float() @ layer.lora_A.float()
    assert torch.equal(layer.merged().weight, exact.bfloat16())


@pytest.mark.parametrize("r", [0, -1, 5, 6])
def test_layers_refuse_ranks_that_do_not_fit(lora: ModuleType, r: int) -> None:
    base = linear(6, 4)
    with pytest.raises(ValueError, match="r must"):
        lora.LoRALinear(base, r, generator=rng())
    assert base.weight.requires_grad


def test_the_full_rank_is_allowed(lora: ModuleType) -> None:
    assert lora.LoRALinear(linear(6, 4), 4, generator=rng()).lora_A.shape == (4, 6)


@pytest.mark.parametrize(("rule", "optimizer"), [("alpha / r", "adam"), ("alpha / sqrt r", "sgd")])
def test_what_each_scaling_keeps(lora: ModuleType, rule: str, optimizer: str) -> None:
    """The first change of the output, for rank 64 against rank 4, on average over examples."""
    change = {r: first_change(lora, r, rslora=rule != "alpha / r", optimizer=optimizer) for r in (4, 64)}
    assert change[64] / change[4] == pytest.approx(1, abs=0.1)
    other = {r: first_change(lora, r, rslora=rule == "alpha / r", optimizer=optimizer) for r in (4, 64)}
    assert other[64] / other[4] == pytest.approx(4 if optimizer == "adam" else 1 / 16, rel=0.1)


def first_change(lora: ModuleType, r: int, *, rslora: bool, optimizer: str) -> float:
    """Return how far one step moves the output, with the optimizers of torch."""
    total = 0.0
    for seed in range(60):
        layer = lora.LoRALinear(linear(256, 64), r, rslora=rslora, generator=rng(seed))
        x, g = rand(256, seed=seed + 100), rand(64, seed=seed + 200)
        kind: Any = torch.optim.Adam if optimizer == "adam" else torch.optim.SGD
        optim = kind([layer.lora_A, layer.lora_B], lr=1e-3)
        before = layer(x)
        before.backward(g)
        optim.step()
        with torch.no_grad():
            total += float((layer(x) - before).norm())
    return total


# inject_lora_ and count_parameters


def model() -> nn.Module:
    def block(seed: int) -> nn.ModuleDict:
        parts = {name: linear(4, 4, seed=seed + i) for i, name in enumerate(("q", "k", "v", "qk"))}
        mlp = nn.Sequential(linear(4, 8, seed=seed + 9), nn.GELU(), linear(8, 4, bias=False, seed=seed + 11))
        return nn.ModuleDict(
            {"attention": nn.ModuleDict(parts), "mlp": mlp, "norm": nn.LayerNorm(4, dtype=F64)}
        )

    return nn.ModuleDict({"blocks": nn.ModuleList(block(100 * i) for i in range(2)), "q": nn.Identity()})


def test_exactly_the_targets_are_replaced(lora: ModuleType) -> None:
    network = model()
    names = lora.inject_lora_(network, ["q", "v"], 2, 4.0, generator=rng())
    assert names == [f"blocks.{i}.attention.{name}" for i in (0, 1) for name in ("q", "v")]
    for name, part in network.named_modules():
        if isinstance(part, lora.LoRALinear):
            assert name in names
            assert part.scaling == 2.0
    trained = {name for name, p in network.named_parameters() if p.requires_grad}
    assert trained == {f"{name}.lora_{which}" for name in names for which in "AB"}
    assert lora.count_parameters(network)[0] == 4 * 2 * (4 + 4)


def test_layers_of_a_sequence_are_named_by_number(lora: ModuleType) -> None:
    network = model()
    x = rand(3, 4)
    mlp: Any = network["blocks"][0]["mlp"]  # type: ignore[index]
    before: Tensor = mlp(x)
    assert lora.inject_lora_(network, ["2"], 1, generator=rng()) == ["blocks.0.mlp.2", "blocks.1.mlp.2"]
    assert isinstance(mlp[2], lora.LoRALinear)
    assert torch.equal(mlp(x), before)


def test_each_branch_starts_differently_and_the_state_of_training_is_kept(lora: ModuleType) -> None:
    network = model().eval()
    names = lora.inject_lora_(network, ["q", "k"], 2, generator=rng())
    starts: list[Any] = [network.get_submodule(name).lora_A for name in names]
    assert not any(torch.equal(starts[0], other) for other in starts[1:])
    assert not any(part.training for part in network.modules())


def test_a_shared_layer_stays_shared(lora: ModuleType) -> None:
    shared = linear(4, 4)
    network = nn.ModuleDict({"one": nn.ModuleDict({"q": shared}), "two": nn.ModuleDict({"q": shared})})
    assert lora.inject_lora_(network, ["q"], 1, generator=rng()) == ["one.q", "two.q"]
    assert network["one"]["q"] is network["two"]["q"]  # type: ignore[index]
    assert lora.count_parameters(network) == (8, 8 + 20)


@pytest.mark.parametrize("targets", [[], ["norm"], ["Q"], ["attention.q"], ["missing"]])
def test_no_target_is_an_error_and_nothing_is_frozen(lora: ModuleType, targets: list[str]) -> None:
    network = model()
    with pytest.raises(ValueError, match="targets"):
        lora.inject_lora_(network, targets, 2, generator=rng())
    assert all(p.requires_grad for p in network.parameters())


def test_a_rank_that_does_not_fit_changes_nothing(lora: ModuleType) -> None:
    network = model()
    with pytest.raises(ValueError, match="r must"):
        lora.inject_lora_(network, ["q", "0"], 5, generator=rng())
    assert all(p.requires_grad for p in network.parameters())
    assert not any(isinstance(part, lora.LoRALinear) for part in network.modules())


def test_counting_counts_shared_parameters_once(lora: ModuleType) -> None:
    layer = linear(3, 2)
    layer.bias.requires_grad_(False)
    assert lora.count_parameters(nn.ModuleList([layer, layer])) == (6, 8)
    assert lora.count_parameters(nn.Identity()) == (0, 0)


def test_counts_of_cards_equal_those_of_real_layers(lora: ModuleType) -> None:
    layer = lora.LoRALinear(linear(12, 20), 3, generator=rng())
    trained = lora.count_parameters(layer)[0]
    assert lora.lora_percent(12, 20, 3) == pytest.approx(100 * trained / 240)
    network = nn.ModuleList(nn.ModuleDict({n: linear(6, 6) for n in "qkvo"}) for _ in range(3))
    lora.inject_lora_(network, ["q", "v", "o"], 2, generator=rng())
    assert lora.lora_parameters(6, 3, 2, 3) == lora.count_parameters(network)[0]


def test_the_numbers_of_the_article(lora: ModuleType) -> None:
    count = lora.lora_parameters(12288, 96, 4, 2)
    assert count == 18_874_368
    assert round(175e9 / count) == 9272
    assert 2 * count / 1e6 == pytest.approx(38, abs=0.5)
    assert 2 * count == 36 * 2**20
    assert lora.lora_percent(64, 64, 32) == 100


# switch_task and svd_compress_delta


def test_switching_equals_merging_the_other_task(lora: ModuleType) -> None:
    base = linear(5, 4, bias=False)
    one, two = filled(lora, base, 1, alpha=6.0), filled(lora, base, 3, alpha=6.0)
    switched = lora.switch_task(one.merged().weight, (one.lora_A, one.lora_B), (two.lora_A, two.lora_B), 6.0)
    torch.testing.assert_close(switched, two.merged().weight, atol=1e-12, rtol=0)
    back = lora.switch_task(switched, (two.lora_A, two.lora_B), (one.lora_A, one.lora_B), 6.0)
    torch.testing.assert_close(back, one.merged().weight, atol=1e-12, rtol=0)


@pytest.mark.parametrize(("rows", "columns"), [(5, 3), (3, 5), (4, 4), (1, 6)])
def test_compression_reaches_the_error_of_eckart_and_young(lora: ModuleType, rows: int, columns: int) -> None:
    before, after = rand(rows, columns), rand(rows, columns, seed=1)
    values = torch.linalg.svdvals(after - before)
    for r in range(1, min(rows, columns) + 1):
        A, B = lora.svd_compress_delta(before, after, r)
        assert A.shape == (r, columns)
        assert B.shape == (rows, r)
        error = float((after - before - B @ A).norm())
        floor = math.sqrt(sum(float(v) ** 2 for v in values[r:]))
        assert error == pytest.approx(floor, abs=1e-12)
        assert lora.best_rank_error(values.tolist(), r) == pytest.approx(floor, abs=1e-12)
        torch.testing.assert_close(A @ A.T, torch.diag(values[:r]), atol=1e-12, rtol=0)
        torch.testing.assert_close(B.T @ B, torch.diag(values[:r]), atol=1e-12, rtol=0)


def test_nothing_of_the_same_rank_is_closer(lora: ModuleType) -> None:
    before, after = rand(5, 4), rand(5, 4, seed=1)
    A, B = lora.svd_compress_delta(before, after, 2)
    best = float((after - before - B @ A).norm())
    for seed in range(50):
        for size in (1e-3, 0.1, 1.0):
            noisy = (B + size * rand(5, 2, seed=seed)) @ (A + size * rand(2, 4, seed=seed + 99))
            assert float((after - before - noisy).norm()) >= best


def test_the_example_of_the_article(lora: ModuleType) -> None:
    change = torch.tensor([[4.0, 0.0], [3.0, -5.0]], dtype=F64)
    A, B = lora.svd_compress_delta(torch.zeros(2, 2, dtype=F64), change, 1)
    torch.testing.assert_close(B @ A, torch.tensor([[2.0, -2.0], [4.0, -4.0]], dtype=F64))
    assert float((change - B @ A).norm()) == pytest.approx(math.sqrt(10))
    assert torch.linalg.eigvalsh(change.T @ change).tolist() == pytest.approx([10, 40])


def test_compression_keeps_the_dtype_and_its_arguments(lora: ModuleType) -> None:
    for dtype in (torch.float16, torch.bfloat16, torch.float32, F64):
        before, after = rand(3, 4, dtype=dtype), rand(3, 4, seed=1, dtype=dtype)
        copies = before.clone(), after.clone()
        A, B = lora.svd_compress_delta(before, after, 2)
        assert A.dtype == B.dtype == dtype
        assert torch.equal(before, copies[0])
        assert torch.equal(after, copies[1])


@pytest.mark.parametrize("r", [0, -1, 4])
def test_compression_refuses_ranks_out_of_range(lora: ModuleType, r: int) -> None:
    with pytest.raises(ValueError, match="r must"):
        lora.svd_compress_delta(rand(3, 5), rand(3, 5), r)


def test_compression_refuses_other_shapes_and_kinds(lora: ModuleType) -> None:
    for before, after in ((rand(3, 4), rand(4, 3)), (rand(3), rand(3)), (rand(3, 4), rand(1, 4))):
        with pytest.raises(ValueError, match="w_before"):
            lora.svd_compress_delta(before, after, 1)
    with pytest.raises(TypeError, match="w_before"):
        lora.svd_compress_delta(torch.ones(2, 2, dtype=torch.int64), torch.ones(2, 2), 1)


def test_best_rank_errors_by_hand(lora: ModuleType) -> None:
    assert lora.best_rank_error([9, 4, 3], 1) == 5
    assert lora.best_rank_error([3, 9, 4], 1) == 5
    assert lora.best_rank_error([12, 5], 0) == 13
    assert lora.best_rank_error([12, 5], 2) == 0


# The claim


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(lora: ModuleType, seed: int) -> None:
    result = lora.claim(seed)
    assert result["passed"] is True
    assert result == lora.claim(seed)
    measured = result["measured"]
    assert list(measured) == ["init_diff", "mse_r1", "mse_r4", "rank1_floor", "merge", "frac", "frozen"]
    assert all(type(value) is float for value in measured.values())
    assert measured["init_diff"] == 0
    assert measured["mse_r4"] < 1e-4 * measured["mse_r1"]
    assert measured["mse_r1"] == pytest.approx(measured["rank1_floor"], rel=0.03)
    assert measured["merge"] < 1e-10
    assert measured["frac"] == 256 / (256 + 1024)
    assert measured["frozen"] == 0


def test_seeds_give_different_measurements(lora: ModuleType) -> None:
    assert lora.claim(0)["measured"] != lora.claim(1)["measured"]


def test_main_is_short(lora: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    lora.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_falls_to_zero(lora: ModuleType) -> None:
    noise, low = lora.picture().values()
    for curve in (noise, low):
        assert len(curve) == 65
        assert curve == sorted(curve, reverse=True)
        assert curve[0] == 1
        assert curve[-1] == 0
    assert low[8] < 0.05 < noise[8]
