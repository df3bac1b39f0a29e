"""Gumbel-softmax against torch's distributions, loops, quadrature, autograd, and hand-worked numbers."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
F64 = torch.float64
distributions: Any = torch.distributions  # its methods carry no types


@pytest.fixture(scope="module")
def gumbel(load_snippet: Loader) -> ModuleType:
    return load_snippet("generative/gumbel_softmax")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64).to(dtype)


def uniform(*shape: int, seed: int = 0) -> Tensor:
    u = torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=F64)
    return u * (1 - 2e-12) + 1e-12


def fresh_gumbel(*shape: int, seed: int = 0) -> Tensor:
    """The same noise from exponential waiting times: minus their logarithm."""
    waiting = torch.empty(shape, dtype=F64)
    return -waiting.exponential_(generator=torch.Generator().manual_seed(seed)).log()


def softmax_by_hand(logits: list[float], noise: list[float], tau: float) -> list[float]:
    parts = [math.exp((a + g) / tau) for a, g in zip(logits, noise, strict=True)]
    return [part / sum(parts) for part in parts]


def squared_norm(z: Tensor) -> Tensor:
    return (z**2).sum(-1)


# gaussian_reparam


def test_gaussian_samples_by_hand(gumbel: ModuleType) -> None:
    mu, log_var = torch.tensor([3.0, -1.0], dtype=F64), torch.tensor([math.log(4), 0.0], dtype=F64)
    noise = torch.tensor([[0.5, 2.0], [-1.0, 0.0]], dtype=F64)
    got = gumbel.gaussian_reparam(mu, log_var, noise)
    torch.testing.assert_close(got, torch.tensor([[4.0, 1.0], [1.0, -1.0]], dtype=F64), atol=1e-12, rtol=0)


def test_gaussian_samples_equal_the_inverse_of_torchs_distribution_function(gumbel: ModuleType) -> None:
    mu, log_var, u = rand(3), rand(3, seed=1), uniform(50, 3)
    noise = distributions.Normal(0.0, 1.0).icdf(u)
    expected = distributions.Normal(mu, log_var.exp().sqrt()).icdf(u)
    torch.testing.assert_close(gumbel.gaussian_reparam(mu, log_var, noise), expected, atol=1e-10, rtol=1e-10)


def test_gaussian_samples_are_differentiable_in_everything(gumbel: ModuleType) -> None:
    inputs = [
        rand(2, 3).requires_grad_(),
        rand(2, 3, seed=1).requires_grad_(),
        rand(4, 2, 3).requires_grad_(),
    ]
    assert torch.autograd.gradcheck(gumbel.gaussian_reparam, inputs)


def test_gaussian_samples_refuse_bad_calls(gumbel: ModuleType) -> None:
    cases: list[tuple[str, list[tuple[int, ...]]]] = [
        ("log_var", [(3,), (1,), (3,)]),
        ("noise", [(3,), (3,), (4,)]),
        ("noise", [(2, 3), (2, 3), (3,)]),
    ]
    for named, shapes in cases:
        with pytest.raises(ValueError, match=named):
            gumbel.gaussian_reparam(*(torch.zeros(shape) for shape in shapes))
    for position, name in enumerate(["mu", "log_var", "noise"]):
        inputs = [torch.zeros(3), torch.zeros(3), torch.zeros(3)]
        inputs[position] = inputs[position].long()
        with pytest.raises(TypeError, match=name):
            gumbel.gaussian_reparam(*inputs)


# gumbel_from_uniform


def test_noise_inverts_torchs_gumbel_distribution_function(gumbel: ModuleType) -> None:
    u = uniform(1000)
    g = gumbel.gumbel_from_uniform(u)
    standard = distributions.Gumbel(torch.tensor(0.0, dtype=F64), torch.tensor(1.0, dtype=F64))
    torch.testing.assert_close(standard.cdf(g), u, atol=1e-12, rtol=1e-12)


def test_noise_by_hand(gumbel: ModuleType) -> None:
    g = gumbel.gumbel_from_uniform(torch.tensor([0.3, 0.8, 0.5, math.exp(-1)], dtype=F64))
    assert g.tolist() == pytest.approx([-0.185627, 1.499940, 0.366513, 0.0], abs=1e-6)


def test_noise_has_eulers_mean_and_the_stated_variance(gumbel: ModuleType) -> None:
    steps = 400_000
    g = gumbel.gumbel_from_uniform((torch.arange(steps, dtype=F64) + 0.5) / steps)  # midpoints
    assert g.mean().item() == pytest.approx(0.5772, abs=1e-4)
    assert g.var().item() == pytest.approx(math.pi**2 / 6, abs=1e-3)


@pytest.mark.parametrize("bad", [0.0, 1.0, -0.1, 1.1, math.nan])
def test_noise_refuses_what_is_not_inside_the_unit_interval(gumbel: ModuleType, bad: float) -> None:
    with pytest.raises(ValueError, match="u must"):
        gumbel.gumbel_from_uniform(torch.tensor([0.5, bad]))


def test_noise_refuses_integers(gumbel: ModuleType) -> None:
    with pytest.raises(TypeError, match="u must"):
        gumbel.gumbel_from_uniform(torch.tensor([1]))


# gumbel_max


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -2])
def test_the_winner_is_found_in_loops(gumbel: ModuleType, dim: int) -> None:
    logits, noise = rand(2, 3, 4), fresh_gumbel(2, 3, 4)
    got = gumbel.gumbel_max(logits, noise, dim)
    assert got.dtype == torch.int64
    rows = (logits + noise).movedim(dim, -1)
    for row, winner in zip(rows.reshape(-1, rows.shape[-1]).tolist(), got.flatten().tolist(), strict=True):
        assert row[winner] == max(row)
    assert got.shape == rows.shape[:-1]


def test_winners_follow_the_softmax_also_without_normalising(gumbel: ModuleType) -> None:
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=F64)
    draws = gumbel.gumbel_max(weights.log() + 7, fresh_gumbel(200_000, 4))
    frequency = torch.bincount(draws) / 200_000
    torch.testing.assert_close(frequency.double(), weights / 10, atol=5e-3, rtol=0)


def test_the_axis_of_classes_is_that_of_the_logits(gumbel: ModuleType) -> None:
    logits, noise = rand(3), fresh_gumbel(50, 3)
    by_row = torch.stack([gumbel.gumbel_max(logits, row) for row in noise])
    for dim in (0, -1):
        assert torch.equal(gumbel.gumbel_max(logits, noise, dim), by_row)
    soft = gumbel.gumbel_softmax(logits, noise, dim=0)
    torch.testing.assert_close(soft.sum(-1), torch.ones(50, dtype=F64))


# gumbel_softmax


@pytest.mark.parametrize("tau", [0.3, 1.0, 4.0])
def test_soft_samples_equal_plain_python(gumbel: ModuleType, tau: float) -> None:
    logits, noise = rand(5, 4), fresh_gumbel(5, 4)
    got = gumbel.gumbel_softmax(logits, noise, tau=tau).tolist()
    for row, a, g in zip(got, logits.tolist(), noise.tolist(), strict=True):
        assert row == pytest.approx(softmax_by_hand(a, g, tau), abs=1e-12)


def test_the_example_of_the_article(gumbel: ModuleType) -> None:
    noise = gumbel.gumbel_from_uniform(torch.tensor([0.3, 0.8, 0.5], dtype=F64))
    for weights in ([0.5, 0.3, 0.2], [5.0, 3.0, 2.0]):
        logits = torch.tensor(weights, dtype=F64).log()
        for tau, expected in {10: [0.324, 0.364, 0.312], 1: [0.203, 0.656, 0.141], 0.1: [0, 1, 0]}.items():
            y = gumbel.gumbel_softmax(logits, noise, tau=tau)
            assert [round(part, 3) for part in y.tolist()] == expected


@pytest.mark.parametrize("dim", [-1, 0, 1])
@pytest.mark.parametrize("dtype", [F64, torch.float32])
def test_hard_samples_are_corners_with_the_soft_gradient(
    gumbel: ModuleType, dim: int, dtype: torch.dtype
) -> None:
    logits, noise, weight = (
        rand(3, 4, 5, dtype=dtype),
        fresh_gumbel(3, 4, 5).to(dtype),
        rand(3, 4, 5, dtype=dtype),
    )
    gradients = []
    for hard in (True, False):
        leaf = logits.clone().requires_grad_()
        y = gumbel.gumbel_softmax(leaf, noise, tau=0.7, hard=hard, dim=dim)
        assert y.requires_grad
        gradients.append(torch.autograd.grad((y * weight).sum(), leaf)[0])
        if hard:
            index = gumbel.gumbel_max(logits, noise, dim)
            corner = torch.nn.functional.one_hot(index, logits.shape[dim]).movedim(-1, dim).to(dtype)
            torch.testing.assert_close(y.detach(), corner, atol=3e-7, rtol=0)
    assert torch.equal(*gradients)


def test_the_arg_max_is_that_of_gumbel_max_at_any_temperature(gumbel: ModuleType) -> None:
    logits, noise = rand(6), fresh_gumbel(500, 6)
    for tau in (0.01, 1.0, 50.0):
        y = gumbel.gumbel_softmax(logits, noise, tau=tau)
        assert torch.equal(y.argmax(-1), gumbel.gumbel_max(logits, noise))


def test_soft_samples_go_to_corners_and_to_the_centre(gumbel: ModuleType) -> None:
    logits, noise = rand(200, 5), fresh_gumbel(200, 5)
    cold = gumbel.gumbel_softmax(logits, noise, tau=1e-9)
    assert bool(((cold == 0) | (cold == 1)).all())
    assert torch.equal(cold.argmax(-1), gumbel.gumbel_max(logits, noise))
    hot = gumbel.gumbel_softmax(logits, noise, tau=1e9)
    torch.testing.assert_close(hot, torch.full_like(hot, 0.2), atol=1e-7, rtol=0)


def test_the_mean_of_soft_samples_is_biased_as_the_article_says(gumbel: ModuleType) -> None:
    steps = 20_000
    u = (torch.arange(steps, dtype=F64) + 0.5) / steps
    logistic = torch.stack([(u / (1 - u)).log(), torch.zeros_like(u)], dim=-1)  # difference of two Gumbels
    y = gumbel.gumbel_softmax(torch.tensor([0.9, 0.1], dtype=F64).log(), logistic)
    assert y[:, 0].mean().item() == pytest.approx(9 / 8 * (1 - math.log(9) / 8), abs=1e-6)
    assert round(y[:, 0].mean().item(), 3) == 0.816


def test_soft_samples_are_differentiable_in_logits_and_noise(gumbel: ModuleType) -> None:
    inputs = [rand(2, 3).requires_grad_(), fresh_gumbel(2, 3).requires_grad_()]
    assert torch.autograd.gradcheck(lambda a, g: gumbel.gumbel_softmax(a, g, tau=0.6, dim=0), inputs)


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_computed_in_float32_and_rounded_once(
    gumbel: ModuleType, dtype: torch.dtype, hard: bool
) -> None:
    logits, noise = rand(4, 6, dtype=dtype), fresh_gumbel(4, 6).to(dtype)
    got = gumbel.gumbel_softmax(logits, noise, tau=0.3, hard=hard)
    assert got.dtype == dtype
    expected = gumbel.gumbel_softmax(logits.float(), noise.float(), tau=0.3, hard=hard)
    assert torch.equal(got, expected.to(dtype))
    u = uniform(100).clamp(0.1, 0.9).to(dtype)
    assert torch.equal(gumbel.gumbel_from_uniform(u), gumbel.gumbel_from_uniform(u.float()).to(dtype))


@pytest.mark.parametrize("function", ["gumbel_max", "gumbel_softmax"])
def test_choosing_refuses_bad_calls(gumbel: ModuleType, function: str) -> None:
    choose = getattr(gumbel, function)
    for shape in ((4,), (3,), (2, 1), (3, 2)):
        with pytest.raises(ValueError, match="gumbel"):
            choose(torch.zeros(2, 3), torch.zeros(shape))
    for dim in (2, -3):
        with pytest.raises(ValueError, match="dim"):
            choose(torch.zeros(2, 3), torch.zeros(2, 3), dim=dim)
    with pytest.raises(TypeError, match="logits"):
        choose(torch.zeros(3, dtype=torch.int64), torch.zeros(3))
    with pytest.raises(TypeError, match="gumbel"):
        choose(torch.zeros(3), torch.zeros(3, dtype=torch.int64))


@pytest.mark.parametrize("tau", [0.0, -1.0, math.nan])
def test_a_temperature_must_be_positive(gumbel: ModuleType, tau: float) -> None:
    with pytest.raises(ValueError, match="tau"):
        gumbel.gumbel_softmax(torch.zeros(3), torch.zeros(3), tau=tau)
    with pytest.raises(ValueError, match="tau"):
        gumbel.concrete_log_prob(torch.full((2,), 0.5), torch.zeros(2), tau)


# concrete_log_prob


@pytest.mark.parametrize("tau", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("shape", [(2,), (5,), (3, 4)])
def test_the_density_equals_torchs(gumbel: ModuleType, tau: float, shape: tuple[int, ...]) -> None:
    logits, y = rand(*shape) + 2, torch.softmax(rand(*shape, seed=1), dim=-1)
    relaxed = distributions.RelaxedOneHotCategorical(torch.tensor(tau, dtype=F64), logits=logits)
    got = gumbel.concrete_log_prob(y, logits, tau)
    torch.testing.assert_close(got, relaxed.log_prob(y), atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("tau", [0.7, 1.0, 2.0])
def test_the_density_of_two_classes_integrates_to_one(gumbel: ModuleType, tau: float) -> None:
    x = torch.linspace(-60, 60, 60_001, dtype=F64)  # y = sigmoid(x), dy = y (1 - y) dx
    y = torch.stack([torch.sigmoid(x), torch.sigmoid(-x)], dim=-1)
    keep = (y > 0).all(-1)
    density = gumbel.concrete_log_prob(y[keep], torch.tensor([0.8, -0.3], dtype=F64), tau).exp()
    assert torch.trapezoid(density * y[keep].prod(-1), x[keep]).item() == pytest.approx(1, abs=1e-6)


def test_the_density_of_three_classes_integrates_to_one(gumbel: ModuleType) -> None:
    axis = torch.linspace(-25, 25, 501, dtype=F64)
    a, b = torch.meshgrid(axis, axis, indexing="ij")
    y = torch.softmax(torch.stack([a, b, torch.zeros_like(a)], dim=-1), dim=-1)  # dy1 dy2 = y1 y2 y3 da db
    density = gumbel.concrete_log_prob(y, torch.tensor([0.5, -1.0, 2.0], dtype=F64), 0.8).exp()
    assert (density * y.prod(-1)).sum().item() * 0.1**2 == pytest.approx(1, abs=1e-6)


def test_the_density_counts_samples(gumbel: ModuleType) -> None:
    logits, tau = torch.tensor([0.6, 0.0], dtype=F64), 0.7
    samples = gumbel.gumbel_softmax(logits, fresh_gumbel(400_000, 2), tau=tau)[:, 0]
    middle = torch.linspace(0.05, 0.95, 10, dtype=F64)
    inner = middle[:, None] + torch.linspace(-0.05, 0.05, 102, dtype=F64)[1:-1]
    y = torch.stack([inner, 1 - inner], dim=-1)
    expected = gumbel.concrete_log_prob(y, logits, tau).exp().mean(-1) * 0.1
    counted = torch.histc(samples, 10, 0, 1) / 400_000
    torch.testing.assert_close(counted[1:-1], expected[1:-1], atol=3e-3, rtol=0)


def test_two_equal_classes_at_temperature_one_are_uniform(gumbel: ModuleType) -> None:
    inner = torch.linspace(0.01, 0.99, 99, dtype=F64)
    got = gumbel.concrete_log_prob(torch.stack([inner, 1 - inner], -1), torch.full((2,), 3.0, dtype=F64), 1.0)
    torch.testing.assert_close(got, torch.zeros(99, dtype=F64), atol=1e-12, rtol=0)


def test_the_density_ignores_a_common_shift_and_is_differentiable(gumbel: ModuleType) -> None:
    y, logits = torch.softmax(rand(2, 3), dim=-1).requires_grad_(), rand(2, 3, seed=1).requires_grad_()
    here, there = (gumbel.concrete_log_prob(y, logits + shift, 0.5) for shift in (0, 9))
    torch.testing.assert_close(here, there, atol=1e-11, rtol=0)
    assert torch.autograd.gradcheck(lambda y, a: gumbel.concrete_log_prob(y, a, 0.5), [y, logits])


def test_the_density_refuses_bad_calls(gumbel: ModuleType) -> None:
    inside = torch.tensor([0.2, 0.8])
    for y, logits in (
        (inside, torch.zeros(3)),
        (inside, torch.zeros(2, 2)),
        (torch.tensor([0.0, 1.0]), torch.zeros(2)),
        (torch.tensor([-0.2, 1.2]), torch.zeros(2)),
        (torch.tensor([0.5, 0.8]), torch.zeros(2)),
    ):
        with pytest.raises(ValueError, match="y must"):
            gumbel.concrete_log_prob(y, logits, 1.0)
    with pytest.raises(ValueError, match="logits"):
        gumbel.concrete_log_prob(inside, torch.tensor(0.0), 1.0)
    with pytest.raises(TypeError, match="y must"):
        gumbel.concrete_log_prob(torch.tensor([0, 1]), torch.zeros(2), 1.0)


# The two gradients


def test_pathwise_gradients_equal_single_backward_calls(gumbel: ModuleType) -> None:
    mu, log_var, noise = rand(3), rand(3, seed=1), rand(5, 3, seed=2)

    def wavy(z: Tensor) -> Tensor:
        return z.sin().sum(-1) * z[:, 0]

    got = gumbel.pathwise_gradient(mu, log_var, wavy, noise)
    for row, one in zip(got, noise, strict=True):
        leaf = mu.clone().requires_grad_()
        value = wavy((leaf + log_var.exp().sqrt() * one)[None]).sum()
        torch.testing.assert_close(row, torch.autograd.grad(value, leaf)[0], atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize("baseline", [0.0, 2.5])
def test_score_gradients_equal_autograd_of_torchs_log_density(gumbel: ModuleType, baseline: float) -> None:
    mu, log_var, noise = rand(3), rand(3, seed=1), rand(5, 3, seed=2)
    got = gumbel.score_function_gradient(mu, log_var, squared_norm, noise, baseline=baseline)
    for row, one in zip(got, noise, strict=True):
        leaf, sigma = mu.clone().requires_grad_(), log_var.exp().sqrt()
        z = mu + sigma * one
        (score,) = torch.autograd.grad(distributions.Normal(leaf, sigma).log_prob(z).sum(), leaf)
        torch.testing.assert_close(row, (squared_norm(z) - baseline) * score, atol=1e-11, rtol=1e-11)


def standard_normal_grid() -> tuple[Tensor, Tensor]:
    z = torch.linspace(-12, 12, 24_001, dtype=F64)
    return z, torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * 0.001


@pytest.mark.parametrize(("baseline", "variance"), [(None, 4), (0.0, 15), (1.0, 10), (3.0, 6)])
def test_the_variances_of_the_article(gumbel: ModuleType, baseline: float | None, variance: float) -> None:
    z, weight = standard_normal_grid()
    zero = torch.zeros(1, dtype=F64)
    estimates = (
        gumbel.pathwise_gradient(zero, zero, squared_norm, z[:, None])
        if baseline is None
        else gumbel.score_function_gradient(zero, zero, squared_norm, z[:, None], baseline=baseline)
    )[:, 0]
    assert (estimates * weight).sum().item() == pytest.approx(0, abs=1e-9)
    assert (estimates**2 * weight).sum().item() == pytest.approx(variance, abs=1e-6)


@pytest.mark.parametrize(("d", "variance"), [(1, 15), (2, 24), (10, 168)])
def test_the_variance_of_the_score_function_grows_with_dimension(
    gumbel: ModuleType, d: int, variance: float
) -> None:
    zero = torch.zeros(d, dtype=F64)
    estimates = gumbel.score_function_gradient(zero, zero, squared_norm, rand(200_000, d))
    assert estimates.var().item() == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize("baseline", [0.0, 4.0])
def test_both_gradients_have_the_mean_found_by_quadrature(gumbel: ModuleType, baseline: float) -> None:
    z, weight = standard_normal_grid()
    mu, log_var = torch.tensor([0.7], dtype=F64), torch.tensor([-0.4], dtype=F64)

    def cube(z: Tensor) -> Tensor:
        return z[:, 0] ** 3

    exact = 3 * (0.7**2 + math.exp(-0.4))  # d/dmu of mu^3 + 3 mu sigma^2
    for estimates in (
        gumbel.pathwise_gradient(mu, log_var, cube, z[:, None]),
        gumbel.score_function_gradient(mu, log_var, cube, z[:, None], baseline=baseline),
    ):
        assert (estimates[:, 0] * weight).sum().item() == pytest.approx(exact, abs=1e-8)


def test_a_step_has_a_score_gradient_and_no_path(gumbel: ModuleType) -> None:
    z, weight = standard_normal_grid()
    zero = torch.zeros(1, dtype=F64)

    def step(z: Tensor) -> Tensor:
        return (z[:, 0] > 0).to(z.dtype)

    estimates = gumbel.score_function_gradient(zero, zero, step, z[:, None])[:, 0]
    assert (estimates * weight).sum().item() == pytest.approx(1 / math.sqrt(2 * math.pi), abs=1e-6)
    with pytest.raises(ValueError, match="f must be differentiable"):
        gumbel.pathwise_gradient(zero, zero, step, z[:, None])


def test_gradients_can_be_differentiated_again_only_where_wanted(gumbel: ModuleType) -> None:
    mu, log_var, noise = rand(2).requires_grad_(), rand(2, seed=1).requires_grad_(), rand(3, 2)

    def quartic(z: Tensor) -> Tensor:
        return (z**4).sum(-1)

    for estimate in (gumbel.pathwise_gradient, gumbel.score_function_gradient):
        assert torch.autograd.gradcheck(
            lambda m, v, estimate=estimate: estimate(m, v, quartic, noise), [mu, log_var]
        )
        assert not estimate(mu.detach(), log_var.detach(), quartic, noise).requires_grad
    with torch.no_grad():
        kept = gumbel.pathwise_gradient(mu.detach(), log_var.detach(), quartic, noise)
    assert torch.equal(kept, gumbel.pathwise_gradient(mu.detach(), log_var.detach(), quartic, noise))


@pytest.mark.parametrize("function", ["pathwise_gradient", "score_function_gradient"])
def test_gradients_refuse_bad_calls(gumbel: ModuleType, function: str) -> None:
    estimate = getattr(gumbel, function)
    cases: list[tuple[str, tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = [
        ("mu", (1, 2), (1, 2), (3, 2)),
        ("log_var", (2,), (1,), (3, 2)),
        ("noise", (2,), (2,), (2,)),
        ("noise", (2,), (2,), (3, 3)),
    ]
    for named, mu, log_var, noise in cases:
        with pytest.raises(ValueError, match=named):
            estimate(torch.zeros(mu), torch.zeros(log_var), squared_norm, torch.zeros(noise))
    with pytest.raises(ValueError, match="f must return"):
        estimate(torch.zeros(2), torch.zeros(2), lambda z: z**2, torch.zeros(3, 2))
    with pytest.raises(TypeError, match="mu"):
        estimate(torch.zeros(2, dtype=torch.int64), torch.zeros(2), squared_norm, torch.zeros(3, 2))


def test_the_inputs_stay_as_they_are(gumbel: ModuleType) -> None:
    mu, log_var, noise = rand(3), rand(3, seed=1), fresh_gumbel(4, 3)
    u, y = uniform(4, 3), torch.softmax(rand(4, 3), dim=-1)
    inputs: list[Any] = [mu, log_var, noise, u, y]
    copies = [tensor.clone() for tensor in inputs]
    gumbel.gaussian_reparam(mu, log_var, noise).add_(1)
    gumbel.gumbel_from_uniform(u).add_(1)
    gumbel.gumbel_max(mu, noise).add_(1)
    gumbel.gumbel_softmax(mu, noise, hard=True).add_(1)
    gumbel.concrete_log_prob(y, mu, 0.5).add_(1)
    gumbel.pathwise_gradient(mu, log_var, squared_norm, noise).add_(1)
    gumbel.score_function_gradient(mu, log_var, squared_norm, noise).add_(1)
    for tensor, copy in zip(inputs, copies, strict=True):
        assert torch.equal(tensor, copy)
        assert not tensor.requires_grad


# What cards compute, and the claim


def test_what_cards_compute_by_hand(gumbel: ModuleType) -> None:
    assert gumbel.reparam_value(3.0, 1.386, 0.5) == pytest.approx(4.0, abs=1e-3)
    assert gumbel.win_probability([1, 3, 4], 1, 0.1) == pytest.approx(0.375)
    assert gumbel.relaxed_coordinate([0.0, 1.0], [1.0, 1.0], 0.5, 1) == pytest.approx(0.8808, abs=1e-4)


def test_drawn_winners_have_no_ties(gumbel: ModuleType) -> None:
    for seed in range(200):
        drawn = gumbel.sample_who_wins(seed)
        hard = gumbel.sample_hard_sample(seed)
        pairs = list(zip(drawn["logits"], drawn["gumbel"], strict=True))
        together = sorted(a + g for a, g in pairs)
        apart = sorted(a / drawn["tau"] + g for a, g in pairs)
        corner = sorted(a + g for a, g in zip(hard["logits"], hard["gumbel"], strict=True))
        assert min(together[2] - together[1], apart[2] - apart[1], corner[2] - corner[1]) > 0.14


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(gumbel: ModuleType, seed: int) -> None:
    result = gumbel.claim(seed)
    assert result["passed"] is True
    assert result == gumbel.claim(seed)
    measured = result["measured"]
    assert list(measured) == ["tv", "argmax_agree", "peak_tau5", "peak_tau001", "score_z", "var_ratio"]
    assert all(type(value) is float for value in measured.values())
    assert measured["tv"] < 0.01
    assert measured["argmax_agree"] == 1
    assert measured["peak_tau5"] < 0.4
    assert measured["peak_tau001"] > 0.98
    assert measured["score_z"] < 5
    assert measured["var_ratio"] > 3


def test_main_is_short(gumbel: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    gumbel.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_shows_colder_samples_nearer_to_corners(gumbel: ModuleType) -> None:
    warm, mild, cold = gumbel.picture().values()
    assert len(warm) == len(mild) == len(cold) == 64
    assert all(a < b <= c for a, b, c in zip(warm, mild, cold, strict=True))
