"""REINFORCE against loops, autograd, and sums over every trajectory of a small world."""

import itertools
import math
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
import torch
from torch import Tensor

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
F64 = torch.float64


@pytest.fixture(scope="module")
def reinforce(load_snippet: Loader) -> ModuleType:
    return load_snippet("rl/policy_gradient")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64).to(dtype)


def tensor(*values: float) -> Tensor:
    return torch.tensor(values, dtype=F64)


MASK = torch.tensor([[True, True, True, False], [True, False, False, False], [True, True, False, True]])


# A world of two states and two actions, small enough to sum over every trajectory of three steps.

STEPS = 3
MOVES = torch.tensor([[[0.9, 0.1], [0.3, 0.7]], [[0.5, 0.5], [0.2, 0.8]]], dtype=F64)  # state, action, next
PAYS = torch.tensor([[1.0, 4.0], [-2.0, 3.0]], dtype=F64)  # state, action
START = tensor(0.6, 0.4)


def trajectories() -> Iterator[tuple[tuple[int, ...], tuple[int, ...], float]]:
    """States, actions, and the probability that the environment plays along."""
    for states in itertools.product(range(2), repeat=STEPS):
        for actions in itertools.product(range(2), repeat=STEPS):
            world = float(START[states[0]])
            for t in range(STEPS - 1):
                world *= float(MOVES[states[t], actions[t], states[t + 1]])
            yield states, actions, world


def played(logits: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of all trajectories: probability (N,), log-probability of each action, reward, state, each (N, T)."""
    policy = logits.log_softmax(-1)
    logp, rewards, visited, world = [], [], [], []
    for states, actions, chance in trajectories():
        logp.append(torch.stack([policy[s, a] for s, a in zip(states, actions, strict=True)]))
        rewards.append(torch.stack([PAYS[s, a] for s, a in zip(states, actions, strict=True)]))
        visited.append(torch.tensor(states))
        world.append(chance)
    stacked = torch.stack(logp)
    return stacked.sum(1).exp() * tensor(*world), stacked, torch.stack(rewards), torch.stack(visited)


def estimates(reinforce: ModuleType, logits: Tensor, weights: Tensor, baseline: Tensor | None) -> Tensor:
    """Minus the gradient of the loss for each trajectory alone: (N, parameters)."""
    found = []
    for n in range(len(weights)):
        leaf = logits.clone().requires_grad_()
        _, logp, _, _ = played(leaf)
        b = None if baseline is None else baseline[n : n + 1]
        loss = reinforce.reinforce_loss(logp[n : n + 1], weights[n : n + 1], baseline=b)
        found.append(-torch.autograd.grad(loss, leaf)[0].flatten())
    return torch.stack(found)


def exact_gradient(logits: Tensor, discounts: Tensor) -> Tensor:
    leaf = logits.clone().requires_grad_()
    chance, _, rewards, _ = played(leaf)
    return torch.autograd.grad((chance * (rewards * discounts).sum(1)).sum(), leaf)[0].flatten()


def mean_and_variance(found: Tensor, chance: Tensor) -> tuple[Tensor, float]:
    mean = (chance[:, None] * found).sum(0)
    return mean, float((chance[:, None] * (found - mean) ** 2).sum())


def test_every_weight_gives_the_exact_gradient_and_some_with_less_variance(reinforce: ModuleType) -> None:
    logits = rand(2, 2)
    chance, _, rewards, states = played(logits)
    assert chance.sum().item() == pytest.approx(1)
    to_go = reinforce.rewards_to_go(rewards)
    full = rewards.sum(1, keepdim=True).expand_as(rewards)
    value = torch.zeros(STEPS, 2, dtype=F64)  # V(t, s) = E[G_t | s_t = s]
    for t, s in itertools.product(range(STEPS), range(2)):
        here = chance * (states[:, t] == s)
        value[t, s] = (here * to_go[:, t]).sum() / here.sum()
    baseline = value[torch.arange(STEPS), states]
    exact = exact_gradient(logits, torch.ones(STEPS, dtype=F64))
    variances = []
    for weights, b in ((full, None), (to_go, None), (to_go, baseline)):
        mean, variance = mean_and_variance(estimates(reinforce, logits, weights, b), chance)
        torch.testing.assert_close(mean, exact, atol=1e-12, rtol=1e-12)
        variances.append(variance)
    assert variances[0] > variances[1] > variances[2]


def test_a_discounted_objective_carries_one_more_power_of_the_discount(reinforce: ModuleType) -> None:
    logits, gamma = rand(2, 2, seed=1), 0.8
    chance, _, rewards, _ = played(logits)
    powers = gamma ** torch.arange(STEPS, dtype=F64)
    weights = powers * reinforce.rewards_to_go(rewards, gamma)
    mean, _ = mean_and_variance(estimates(reinforce, logits, weights, None), chance)
    torch.testing.assert_close(mean, exact_gradient(logits, powers), atol=1e-12, rtol=1e-12)


def test_old_trajectories_need_importance_weights(reinforce: ModuleType) -> None:
    old, new = rand(2, 2, seed=2), rand(2, 2, seed=3)
    old_chance, old_logp, rewards, _ = played(old)
    _, new_logp, _, _ = played(new)
    ratio = (new_logp - old_logp).sum(1).exp()
    found = estimates(reinforce, new, reinforce.rewards_to_go(rewards), None)
    exact = exact_gradient(new, torch.ones(STEPS, dtype=F64))
    torch.testing.assert_close((old_chance * ratio) @ found, exact, atol=1e-12, rtol=1e-12)
    assert not torch.allclose(old_chance @ found, exact, atol=0.1)


def test_the_mean_of_the_batch_shrinks_the_gradient_and_that_of_the_others_does_not(
    reinforce: ModuleType,
) -> None:
    logits, q, B = rand(3), tensor(1, 5, 2), 3
    policy, exact = logits.softmax(-1), reinforce.exact_bandit_gradient(logits, q)
    with_mean, with_others = torch.zeros(3, dtype=F64), torch.zeros(3, dtype=F64)
    for pulls in itertools.product(range(3), repeat=B):
        arms = torch.tensor(pulls)
        chance, scores = policy[arms].prod(), reinforce.softmax_score(logits.expand(B, -1), arms)
        others = (q[arms].sum() - q[arms]) / (B - 1)
        with_mean += chance * (scores * (q[arms] - q[arms].mean())[:, None]).mean(0)
        with_others += chance * (scores * (q[arms] - others)[:, None]).mean(0)
    torch.testing.assert_close(with_mean, exact * (1 - 1 / B), atol=1e-12, rtol=1e-12)
    torch.testing.assert_close(with_others, exact, atol=1e-12, rtol=1e-12)


# rewards_to_go


def to_go_in_loops(rewards: Tensor, gamma: float, mask: Tensor | None) -> Tensor:
    B, T = rewards.shape
    out = torch.zeros(B, T, dtype=F64)
    for b in range(B):
        for t in range(T):
            if mask is not None and not mask[b, t]:
                continue
            for k in range(t, T):
                if mask is None or mask[b, k]:
                    out[b, t] += gamma ** (k - t) * rewards[b, k]
    return out


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.99, 1.0])
@pytest.mark.parametrize("masked", [False, True])
def test_rewards_to_go_equal_the_double_sum(reinforce: ModuleType, gamma: float, masked: bool) -> None:
    rewards, mask = rand(3, 4), MASK if masked else None
    got = reinforce.rewards_to_go(rewards, gamma, mask=mask)
    torch.testing.assert_close(got, to_go_in_loops(rewards, gamma, mask), atol=1e-12, rtol=1e-12)


def test_rewards_to_go_by_hand(reinforce: ModuleType) -> None:
    rewards = torch.tensor([[1.0, 0.0, 2.0]])
    assert reinforce.rewards_to_go(rewards, 0.5).tolist() == [[1.5, 1.0, 2.0]]
    assert reinforce.rewards_to_go(rewards).tolist() == [[3.0, 2.0, 2.0]]
    assert reinforce.rewards_to_go(torch.zeros(2, 0)).shape == (2, 0)


@pytest.mark.parametrize("rubbish", [math.nan, math.inf])
def test_what_is_masked_may_be_anything(reinforce: ModuleType, rubbish: float) -> None:
    rewards = rand(3, 4)
    dirty = rewards.masked_fill(~MASK, rubbish)
    got = reinforce.rewards_to_go(dirty, 0.9, mask=MASK)
    assert torch.equal(got, reinforce.rewards_to_go(rewards, 0.9, mask=MASK))
    assert bool((got[~MASK] == 0).all())


def test_rewards_to_go_are_differentiable(reinforce: ModuleType) -> None:
    assert torch.autograd.gradcheck(
        lambda r: reinforce.rewards_to_go(r, 0.7, mask=MASK), [rand(3, 4).requires_grad_()]
    )


def test_rewards_to_go_refuse_bad_calls(reinforce: ModuleType) -> None:
    for shape in ((3,), (1, 2, 3)):
        with pytest.raises(ValueError, match="rewards"):
            reinforce.rewards_to_go(torch.zeros(shape))
    for gamma in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="gamma"):
            reinforce.rewards_to_go(torch.zeros(2, 3), gamma)
    with pytest.raises(ValueError, match="mask"):
        reinforce.rewards_to_go(torch.zeros(2, 3), mask=torch.ones(3, dtype=torch.bool))
    with pytest.raises(TypeError, match="mask"):
        reinforce.rewards_to_go(torch.zeros(2, 3), mask=torch.ones(2, 3))
    with pytest.raises(TypeError, match="rewards"):
        reinforce.rewards_to_go(torch.zeros(2, 3, dtype=torch.int64))


# reinforce_loss


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("base", ["none", "number", "each step"])
def test_loss_and_gradient_equal_loops(reinforce: ModuleType, masked: bool, base: str) -> None:
    logp, returns = rand(3, 4).requires_grad_(), rand(3, 4, seed=1).requires_grad_()
    baseline = {"none": None, "number": tensor(2.5)[0], "each step": rand(3, 4, seed=2)}[base]
    if baseline is not None:
        baseline.requires_grad_()
    got = reinforce.reinforce_loss(logp, returns, baseline=baseline, mask=MASK if masked else None)
    expected, gradient = 0.0, torch.zeros(3, 4, dtype=F64)
    for b, t in itertools.product(range(3), range(4)):
        if masked and not MASK[b, t]:
            continue
        level = 0.0
        if baseline is not None:
            level = (baseline if baseline.ndim == 0 else baseline[b, t]).item()
        weight = returns[b, t].item() - level
        expected -= logp[b, t].item() * weight / 3
        gradient[b, t] = -weight / 3
    assert got.shape == ()
    assert got.item() == pytest.approx(expected, abs=1e-12)
    inputs = [logp, returns] if baseline is None else [logp, returns, baseline]
    to_logp, *to_others = torch.autograd.grad(got, inputs, allow_unused=True)
    torch.testing.assert_close(to_logp, gradient, atol=1e-12, rtol=1e-12)
    assert all(other is None for other in to_others)


def test_padding_may_be_anything_and_gets_no_gradient(reinforce: ModuleType) -> None:
    logp, returns = rand(3, 4), rand(3, 4, seed=1)
    dirty = logp.masked_fill(~MASK, -math.inf).requires_grad_()
    loss = reinforce.reinforce_loss(dirty, returns.masked_fill(~MASK, math.nan), mask=MASK)
    assert loss.item() == pytest.approx(reinforce.reinforce_loss(logp, returns, mask=MASK).item())
    (gradient,) = torch.autograd.grad(loss, dirty)
    assert bool((gradient[~MASK] == 0).all())
    assert bool(gradient.isfinite().all())


def test_loss_refuses_bad_calls(reinforce: ModuleType) -> None:
    good = torch.zeros(2, 3)
    cases: list[tuple[str, tuple[Tensor, Tensor], dict[str, Tensor]]] = [
        ("logp", (good[0], good[0]), {}),
        ("returns", (good, torch.zeros(3)), {}),
        ("returns", (good, torch.zeros(2, 1)), {}),
        ("baseline", (good, good), {"baseline": torch.zeros(2, 1)}),
        ("baseline", (good, good), {"baseline": torch.zeros(3)}),
        ("mask", (good, good), {"mask": torch.ones(3, dtype=torch.bool)}),
    ]
    for named, arguments, options in cases:
        with pytest.raises(ValueError, match=named):
            reinforce.reinforce_loss(*arguments, **options)
    with pytest.raises(TypeError, match="mask"):
        reinforce.reinforce_loss(good, good, mask=torch.ones(2, 3))
    with pytest.raises(TypeError, match="baseline"):
        reinforce.reinforce_loss(good, good, baseline=torch.tensor(1))
    with pytest.raises(TypeError, match="returns"):
        reinforce.reinforce_loss(good, good.long())


# Scores and the exact gradient


@pytest.mark.parametrize("shape", [(3,), (2, 4), (2, 3, 2), (1,)])
def test_softmax_scores_equal_autograd(reinforce: ModuleType, shape: tuple[int, ...]) -> None:
    logits = rand(*shape).requires_grad_()
    action = torch.randint(0, shape[-1], shape[:-1], generator=torch.Generator().manual_seed(0))
    chosen = logits.log_softmax(-1).gather(-1, action[..., None]).sum()
    (expected,) = torch.autograd.grad(chosen, logits)
    torch.testing.assert_close(reinforce.softmax_score(logits, action), expected, atol=1e-12, rtol=1e-12)
    assert torch.autograd.gradcheck(lambda z: reinforce.softmax_score(z, action), [logits])


def test_softmax_scores_have_mean_zero(reinforce: ModuleType) -> None:
    logits = rand(5)
    scores = reinforce.softmax_score(logits.expand(5, -1), torch.arange(5))
    torch.testing.assert_close(logits.softmax(-1) @ scores, torch.zeros(5, dtype=F64), atol=1e-15, rtol=0)


def test_softmax_scores_refuse_bad_calls(reinforce: ModuleType) -> None:
    for action in (torch.tensor([0]), torch.tensor([[0, 1]])):
        with pytest.raises(ValueError, match="action"):
            reinforce.softmax_score(torch.zeros(2, 3), action)
    for value in (-1, 3):
        with pytest.raises(ValueError, match="action"):
            reinforce.softmax_score(torch.zeros(3), torch.tensor(value))
    with pytest.raises(TypeError, match="action"):
        reinforce.softmax_score(torch.zeros(3), torch.tensor(1.0))
    with pytest.raises(TypeError, match="logits"):
        reinforce.softmax_score(torch.zeros(3).long(), torch.tensor(1))
    with pytest.raises(ValueError, match="logits"):
        reinforce.softmax_score(torch.tensor(0.0), torch.tensor(0))


@pytest.mark.parametrize("shape", [(1,), (5,), (2, 3), (2, 2, 4)])
def test_the_exact_gradient_equals_autograd(reinforce: ModuleType, shape: tuple[int, ...]) -> None:
    logits, q = rand(*shape).requires_grad_(), rand(*shape, seed=1) + 7
    (expected,) = torch.autograd.grad((logits.softmax(-1) * q).sum(), logits)
    got = reinforce.exact_bandit_gradient(logits, q)
    torch.testing.assert_close(got, expected, atol=1e-12, rtol=1e-12)
    torch.testing.assert_close(got.sum(-1), torch.zeros(shape[:-1], dtype=F64), atol=1e-12, rtol=0)


def test_the_exact_gradient_refuses_bad_calls(reinforce: ModuleType) -> None:
    for q in (torch.zeros(2), torch.zeros(1, 3)):
        with pytest.raises(ValueError, match="q must"):
            reinforce.exact_bandit_gradient(torch.zeros(3), q)
    with pytest.raises(ValueError, match="logits"):
        reinforce.exact_bandit_gradient(torch.tensor(0.0), torch.tensor(0.0))
    with pytest.raises(TypeError, match="q must"):
        reinforce.exact_bandit_gradient(torch.zeros(3), torch.zeros(3).long())


# optimal_baseline


def test_no_other_constant_has_less_second_moment(reinforce: ModuleType) -> None:
    scores, returns = rand(200, 3), rand(200, seed=1) + scores_length(rand(200, 3))
    best = float(reinforce.optimal_baseline(scores, returns))
    grid = torch.linspace(best - 2, best + 2, 401, dtype=F64)
    moments = [float(((scores * (returns - b)[:, None]) ** 2).sum()) for b in grid]
    assert moments.index(min(moments)) == 200
    assert abs(best - float(returns.mean())) > 0.1


def scores_length(scores: Tensor) -> Tensor:
    return (scores**2).sum(-1)


def test_the_numbers_of_the_article(reinforce: ModuleType) -> None:
    policy, q = tensor(0.5, 0.3, 0.2), tensor(101, 102, 100)
    exact = reinforce.exact_bandit_gradient(policy.log(), q)
    assert exact.tolist() == pytest.approx([-0.05, 0.27, -0.22])
    scores = reinforce.softmax_score(policy.log().expand(3, -1), torch.arange(3))
    often = torch.tensor([0] * 5 + [1] * 3 + [2] * 2)  # ten pulls, as the policy has it
    best = float(reinforce.optimal_baseline(scores[often], q[often]))
    assert best == pytest.approx(101.0613, abs=1e-4)
    for b, variance in ((0.0, 6332.6022), (101.1, 0.3048), (best, 0.3039)):
        found = scores[often] * (q[often] - b)[:, None]
        torch.testing.assert_close(found.mean(0), exact, atol=1e-10, rtol=0)
        assert float(found.var(0, correction=0).sum()) == pytest.approx(variance, abs=5e-5)
    assert (scores[0] * 101).tolist() == pytest.approx([50.5, -30.3, -20.2])


def test_equal_lengths_make_the_plain_mean_and_the_result_is_differentiable(reinforce: ModuleType) -> None:
    returns = rand(6)
    scores = torch.nn.functional.normalize(rand(6, 3, seed=1), dim=-1)
    got = reinforce.optimal_baseline(scores, returns)
    assert got.shape == ()
    assert got.item() == pytest.approx(returns.mean().item(), abs=1e-12)
    inputs = [rand(4, 2).requires_grad_(), rand(4, seed=1).requires_grad_()]
    assert torch.autograd.gradcheck(reinforce.optimal_baseline, inputs)


def test_the_best_baseline_refuses_bad_calls(reinforce: ModuleType) -> None:
    for scores, returns, named in (
        (torch.ones(3), torch.ones(3), "scores"),
        (torch.ones(3, 2), torch.ones(2), "returns"),
        (torch.ones(3, 2), torch.ones(3, 1), "returns"),
        (torch.zeros(3, 2), torch.ones(3), "scores"),
        (torch.zeros(0, 2), torch.ones(0), "scores"),
    ):
        with pytest.raises(ValueError, match=named):
            reinforce.optimal_baseline(scores, returns)
    with pytest.raises(TypeError, match="returns"):
        reinforce.optimal_baseline(torch.ones(3, 2), torch.ones(3).long())


# All functions


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_computed_in_float32_and_rounded_once(reinforce: ModuleType, dtype: torch.dtype) -> None:
    x, y, z = (rand(4, 9, seed=seed, dtype=dtype) for seed in range(3))
    action = torch.tensor([0, 8, 3, 3])
    calls: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "rewards_to_go": lambda x, _: reinforce.rewards_to_go(x, 0.9),
        "reinforce_loss": lambda x, y: reinforce.reinforce_loss(x, y, baseline=z.to(x.dtype)),
        "softmax_score": lambda x, _: reinforce.softmax_score(x, action),
        "exact_bandit_gradient": lambda x, y: reinforce.exact_bandit_gradient(x, y),
        "optimal_baseline": lambda x, y: reinforce.optimal_baseline(x, y[:, 0]),
    }
    for name, call in calls.items():
        got = call(x, y)
        assert got.dtype == dtype, name
        assert torch.equal(got, call(x.float(), y.float()).to(dtype)), name


def test_the_inputs_stay_as_they_are(reinforce: ModuleType) -> None:
    x, y, action = rand(3, 4), rand(3, 4, seed=1), torch.tensor([1, 0, 3])
    copies = x.clone(), y.clone(), action.clone()
    reinforce.rewards_to_go(x, 0.9, mask=MASK).add_(1)
    reinforce.rewards_to_go(x).add_(1)
    reinforce.reinforce_loss(x, y, baseline=y, mask=MASK).add_(1)
    reinforce.softmax_score(x, action).add_(1)
    reinforce.exact_bandit_gradient(x, y).add_(1)
    reinforce.optimal_baseline(x, y[:, 0]).add_(1)
    assert all(torch.equal(*pair) for pair in zip((x, y, action), copies, strict=True))


# What cards compute, and the claim


def test_what_cards_compute_by_hand(reinforce: ModuleType) -> None:
    assert reinforce.return_from([5, 1, 0, 2, 4], 0.5, 1) == pytest.approx(1 + 0.5 + 0.5)
    assert reinforce.one_step_gradient([0.5, 0.3, 0.2], 0, 5, 7, 0) == pytest.approx(-1.0)
    assert reinforce.one_step_gradient([0.5, 0.3, 0.2], 0, 5, 7, 1) == pytest.approx(0.6)
    assert reinforce.baseline_from_table([5, 1, 2], [6, 0, 0]) == pytest.approx(3.75)


def test_drawn_pulls_have_the_average_that_the_card_states(reinforce: ModuleType) -> None:
    for seed in range(100):
        drawn = reinforce.sample_add_ten(seed)
        assert sorted(drawn["actions"]) in ([0, 0, 0, 1], [0, 1, 1, 1])
        assert sum(drawn["rewards"]) in (8, 12)
        assert min(drawn["rewards"]) >= 0


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(reinforce: ModuleType, seed: int) -> None:
    result = reinforce.claim(seed)
    assert result["passed"] is True
    assert result == reinforce.claim(seed)
    measured = result["measured"]
    names = ["z_none", "z_value", "z_optimal", "var_none", "var_value", "var_optimal", "mean_score"]
    assert list(measured) == names
    assert all(type(value) is float for value in measured.values())
    assert max(measured[name] for name in names[:3]) < 5
    assert measured["var_value"] < 0.2 * measured["var_none"]
    assert measured["var_optimal"] <= measured["var_value"]
    assert measured["mean_score"] < 0.02


def test_main_is_short(reinforce: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    reinforce.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_shows_the_baseline_ahead(reinforce: ModuleType) -> None:
    ahead, behind = reinforce.picture().values()
    assert len(ahead) == len(behind) == 200
    assert ahead[0] == behind[0] == 2.0
    assert ahead[-1] > 3.9
    assert ahead[-1] > behind[-1]
