"""REINFORCE: follow the gradient of the expected return from samples, with a baseline against the noise.

Source: Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning",
    Machine Learning 8, 1992.
    Theorem: Sutton, McAllester, Singh, Mansour, "Policy Gradient Methods for Reinforcement Learning with
    Function Approximation", NIPS 1999. Baselines: Greensmith, Bartlett, Baxter, "Variance Reduction
    Techniques for Gradient Estimates in Reinforcement Learning", JMLR 5, 2004.

Shapes: B trajectories, T time steps, A actions, S samples, d parameters.
"""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = [
    "baseline_from_table",
    "claim",
    "exact_bandit_gradient",
    "main",
    "one_step_gradient",
    "optimal_baseline",
    "picture",
    "reinforce_loss",
    "return_from",
    "rewards_to_go",
    "softmax_score",
]


def _need_floating(**tensors: Tensor) -> None:
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise TypeError(f"{name} must be floating, not {tensor.dtype}")


def _need_matrix(name: str, tensor: Tensor) -> None:
    if tensor.ndim != 2:
        raise ValueError(f"{name} must be (B, T), not {tuple(tensor.shape)}")


def _need_same_shape(name: str, tensor: Tensor, shape: torch.Size) -> None:
    if tensor.shape != shape:
        raise ValueError(f"{name} must be {tuple(shape)}, not {tuple(tensor.shape)}")


def _need_mask(mask: Tensor | None, shape: torch.Size) -> None:
    if mask is None:
        return
    _need_same_shape("mask", mask, shape)
    if mask.dtype != torch.bool:
        raise TypeError(f"mask must be bool, not {mask.dtype}")


def _at_least_float32(*tensors: Tensor) -> tuple[Tensor, ...]:
    dtype = torch.promote_types(tensors[0].dtype, torch.float32)
    return tuple(tensor.to(dtype) for tensor in tensors)


def rewards_to_go(rewards: Tensor, gamma: float = 1.0, *, mask: Tensor | None = None) -> Tensor:
    """What each action can still have earned: G_t = r_t + gamma * G_{t+1}.

    rewards: (B, T)
    mask:    (B, T), True = a real step; what stands elsewhere counts 0 and becomes 0
    returns: (B, T)
    """
    _need_floating(rewards=rewards)
    _need_matrix("rewards", rewards)
    if not 0 <= gamma <= 1:
        raise ValueError(f"gamma must lie between 0 and 1, not {gamma}")
    _need_mask(mask, rewards.shape)
    real = torch.ones_like(rewards, dtype=torch.bool) if mask is None else mask
    (reward,) = _at_least_float32(rewards.masked_fill(~real, 0.0))
    returns, following = torch.zeros_like(reward), torch.zeros_like(reward[:, :1])
    for t in reversed(range(rewards.shape[1])):
        following = reward[:, t : t + 1] + gamma * following  # (B, 1)
        returns[:, t : t + 1] = following
    return returns.masked_fill(~real, 0.0).to(rewards.dtype)


def reinforce_loss(
    logp: Tensor, returns: Tensor, *, baseline: Tensor | None = None, mask: Tensor | None = None
) -> Tensor:
    """A scalar whose gradient is minus the REINFORCE estimate; its value means nothing.

    logp:     (B, T), log-probability of each action taken; the only input that receives a gradient
    returns:  (B, T)
    baseline: (B, T), or a single number (shape ()); must not depend on the action it judges
    mask:     (B, T), True = a real step
    """
    _need_floating(logp=logp, returns=returns)
    _need_matrix("logp", logp)
    _need_same_shape("returns", returns, logp.shape)
    _need_mask(mask, logp.shape)
    score, advantage = _at_least_float32(logp, returns)
    if baseline is not None:
        _need_floating(baseline=baseline)
        if baseline.ndim:
            _need_same_shape("baseline", baseline, logp.shape)
        advantage = advantage - baseline.to(advantage.dtype)
    if mask is not None:
        score, advantage = score.masked_fill(~mask, 0.0), advantage.masked_fill(~mask, 0.0)
    weight = advantage.detach()  # no path for gradients
    return -(score * weight).sum(dim=1).mean().to(logp.dtype)


def softmax_score(logits: Tensor, action: Tensor) -> Tensor:
    """Gradient of log softmax(logits)[action] in the logits: one-hot of the action minus the policy.

    logits:  (..., A)
    action:  (...), integer
    returns: (..., A)
    """
    _need_floating(logits=logits)
    if action.dtype == torch.bool or action.is_floating_point() or action.is_complex():
        raise TypeError(f"action must be integer, not {action.dtype}")
    if logits.ndim == 0:
        raise ValueError("logits must have an axis of actions")
    _need_same_shape("action", action, logits.shape[:-1])
    if not ((action >= 0) & (action < logits.shape[-1])).all():
        raise ValueError(f"action must lie between 0 and {logits.shape[-1] - 1}")
    (z,) = _at_least_float32(logits)
    taken = torch.nn.functional.one_hot(action.long(), z.shape[-1])
    return (taken - z.softmax(-1)).to(logits.dtype)


def exact_bandit_gradient(logits: Tensor, q: Tensor) -> Tensor:
    """Gradient of the expected reward of a softmax policy over arms that are worth q on average.

    logits, q: (..., A)
    returns:   (..., A); sums to 0 over the arms
    """
    _need_floating(logits=logits, q=q)
    if logits.ndim == 0:
        raise ValueError("logits must have an axis of actions")
    _need_same_shape("q", q, logits.shape)
    z, worth = _at_least_float32(logits, q)
    policy = z.softmax(-1)
    value = (policy * worth).sum(-1, keepdim=True)
    return (policy * (worth - value)).to(logits.dtype)


def optimal_baseline(scores: Tensor, returns: Tensor) -> Tensor:
    """The constant that leaves the estimate score * (return - constant) the least variance.

    scores:  (S, d), gradients of the log-probability
    returns: (S,)
    """
    _need_floating(scores=scores, returns=returns)
    if scores.ndim != 2:
        raise ValueError(f"scores must be (S, d), not {tuple(scores.shape)}")
    _need_same_shape("returns", returns, scores.shape[:1])
    score, outcome = _at_least_float32(scores, returns)
    weight = (score**2).sum(-1)  # samples that pull harder count more
    if not (weight > 0).any():
        raise ValueError("scores must not all be zero")
    return ((weight * outcome).sum() / weight.sum()).to(scores.dtype)


def return_from(rewards: list[int], gamma: float, step: int) -> float:
    """Discounted reward-to-go of one step of one trajectory."""
    return float(rewards_to_go(torch.tensor([rewards], dtype=torch.float64), gamma)[0, step])


def one_step_gradient(policy: list[float], action: int, reward: float, baseline: float, index: int) -> float:
    """REINFORCE estimate for one logit of a softmax policy, from a single action and its reward."""
    score = softmax_score(torch.tensor(policy, dtype=torch.float64).log(), torch.tensor(action))
    return (reward - baseline) * float(score[index])


def baseline_from_table(squared_norms: list[int], returns: list[int]) -> float:
    """Variance-optimal baseline from samples of the squared length of the score and the return."""
    scores = torch.tensor(squared_norms, dtype=torch.float64).sqrt()[:, None]
    return float(optimal_baseline(scores, torch.tensor(returns, dtype=torch.float64)))


def _play(logits: Tensor, q: Tensor, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Scores (S, A) and noisy rewards (S,) of `count` pulls of a bandit's arms."""
    action = torch.multinomial(logits.cpu().softmax(-1), count, replacement=True, generator=rng)
    noise = torch.randn(count, generator=rng, dtype=torch.float64).to(q.device)
    action = action.to(q.device)
    return softmax_score(logits.expand(count, -1), action), q[action] + noise


def _standard_errors(estimates: Tensor, truth: Tensor) -> float:
    """How far the mean of (S, d) estimates is from the truth, at worst."""
    error = estimates.std(0) / len(estimates) ** 0.5
    return float(((estimates.mean(0) - truth) / error).abs().max())


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Pull five arms that all pay about 100; estimate the gradient with three baselines."""
    rng = torch.Generator().manual_seed(seed)
    logits, q = torch.randn(2, 5, generator=rng, dtype=torch.float64).to(device)
    q = q + 100
    scores, rewards = _play(logits, q, 40_000, rng)
    exact = exact_bandit_gradient(logits, q)
    baselines = {
        "none": 0.0,
        "value": float(logits.softmax(-1) @ q),
        "optimal": float(optimal_baseline(scores, rewards)),
    }
    estimates = {name: scores * (rewards - b)[:, None] for name, b in baselines.items()}
    measured = {f"z_{name}": _standard_errors(found, exact) for name, found in estimates.items()}
    measured |= {f"var_{name}": float(found.var(0).sum()) for name, found in estimates.items()}
    measured["mean_score"] = float(scores.mean(0).abs().max())
    return {
        "statement": "A baseline keeps the mean of the policy gradient and takes away most of its variance.",
        "measured": measured,
        "passed": max(measured[f"z_{name}"] for name in baselines) < 5
        and measured["var_value"] < 0.2 * measured["var_none"]
        and measured["var_optimal"] <= measured["var_value"]
        and measured["mean_score"] < 0.02,
    }


def _learning_curve(baseline: bool, seed: int, steps: int = 200) -> list[float]:
    """Expected reward above 100 while REINFORCE learns with 10 pulls per step."""
    rng = torch.Generator().manual_seed(seed)
    logits, q = torch.zeros(5, dtype=torch.float64), torch.arange(5, dtype=torch.float64) + 100
    curve = []
    for _ in range(steps):
        curve.append(float(logits.softmax(-1) @ q) - 100)
        b = float(logits.softmax(-1) @ q) if baseline else 0.0
        scores, rewards = _play(logits, q, 10, rng)
        logits = logits + 0.1 * (scores * (rewards - b)[:, None]).mean(0)
    return curve


def picture(seed: int = 0) -> dict[str, list[float]]:
    """Learning with and without a baseline: the same mean gradient, another fate."""
    return {
        "with the value as baseline": _learning_curve(True, seed),
        "without baseline": _learning_curve(False, seed),
    }


def main(device: str = "cpu") -> None:
    """Show one exact gradient, and what three baselines make of single samples of it."""
    policy = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64, device=device)
    q = torch.tensor([101.0, 102.0, 100.0], dtype=torch.float64, device=device)
    exact = exact_bandit_gradient(policy.log(), q)
    print(f"Exact gradient: {[round(part, 3) for part in exact.tolist()]}")
    scores, rewards = _play(policy.log(), q, 40_000, torch.Generator().manual_seed(0))
    for name, b in (
        ("none", 0.0),
        ("value", float(policy @ q)),
        ("optimal", float(optimal_baseline(scores, rewards))),
    ):
        estimates = scores * (rewards - b)[:, None]
        mean = [round(part, 3) for part in estimates.mean(0).tolist()]
        print(f"baseline {name:7} ({b:7.3f}): mean {mean}, variance {estimates.var(0).sum():.3f}")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def _integers(rng: torch.Generator, low: int, high: int, count: int) -> list[int]:
    return [_integer(rng, low, high) for _ in range(count)]


def sample_rewards_to_go(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    B, T = _integer(rng, 1, 3), _integer(rng, 3, 6)
    rewards = torch.randn(B, T, generator=rng, dtype=torch.float64)
    lengths = torch.randint(1, T, (B, 1), generator=rng)
    return {
        "rewards": rewards if seed % 2 else rewards.float(),
        "gamma": (0.9, 0.5, 0.0)[_integer(rng, 0, 2)],
        "mask": torch.arange(T) < lengths,
    }


def probe_rewards_to_go(
    implementation: Callable[..., Tensor], rewards: Tensor, gamma: float, mask: Tensor
) -> dict[str, Tensor]:
    """Ask with and without discount and mask, and leave rubbish in the padding."""
    rubbish = rewards.masked_fill(~mask, torch.inf)
    return {
        "by default": implementation(rewards),
        "discounted": implementation(rewards, 0.9),
        "another discount": implementation(rewards, gamma),
        "masked": implementation(rewards, 0.9, mask=mask),
        "rubbish in the padding": implementation(rubbish, gamma, mask=mask),
    }


def sample_reinforce_loss(seed: int) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    B, T = _integer(rng, 2, 3), _integer(rng, 2, 5)
    logp, returns, baseline = torch.randn(3, B, T, generator=rng, dtype=torch.float64)
    lengths = torch.randint(1, T, (B, 1), generator=rng)
    return {"logp": logp, "returns": returns, "baseline": baseline, "mask": torch.arange(T) < lengths}


def probe_reinforce_loss(
    implementation: Callable[..., Tensor], logp: Tensor, returns: Tensor, baseline: Tensor, mask: Tensor
) -> dict[str, Tensor]:
    """Look at the value and at the gradient of every input, for each combination of the options."""
    found = {}
    for name, options in {
        "plain": {},
        "baseline": {"baseline": baseline},
        "mask": {"mask": mask},
        "both": {"baseline": baseline, "mask": mask},
        "one number as baseline": {"baseline": returns.mean()},
    }.items():
        leaves = [tensor.clone().requires_grad_() for tensor in (logp, returns)]
        extra = {key: _leaf(tensor) for key, tensor in options.items()}
        loss = implementation(*leaves, **extra)
        found[name] = loss.detach()
        inputs = [*leaves, *(tensor for tensor in extra.values() if tensor.requires_grad)]
        gradients = torch.autograd.grad(loss, inputs, allow_unused=True, materialize_grads=True)
        found |= {f"{name}: gradient {i}": gradient for i, gradient in enumerate(gradients)}
    return found


def _leaf(tensor: Tensor) -> Tensor:
    copy = tensor.clone()
    return copy.requires_grad_() if copy.is_floating_point() else copy


def sample_exact_bandit_gradient(seed: int) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    shape = ((3,), (2, 4), (1,), (2, 2, 3))[seed % 4]
    logits, q = torch.randn(2, *shape, generator=rng, dtype=torch.float64)
    return {"logits": logits * 2, "q": q + _integer(rng, 0, 5)}


def sample_return_from(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    rewards = _integers(rng, -2, 8, 5)
    gamma = (0.5, 0.9, 0.8)[_integer(rng, 0, 2)]
    return {"rewards": rewards, "gamma": gamma, "step": _integer(rng, 1, 3)}


def sample_one_step_gradient(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    policy = ([0.5, 0.3, 0.2], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.4, 0.2, 0.4])[_integer(rng, 0, 3)]
    baseline = _integer(rng, 4, 9)
    step = _integer(rng, 1, 4) * (1 if _integer(rng, 0, 1) else -1)
    return {
        "policy": policy,
        "action": _integer(rng, 0, 2),
        "reward": baseline + step,
        "baseline": baseline,
        "index": _integer(rng, 0, 2),
    }


def sample_baseline_from_table(seed: int) -> dict[str, object]:
    """Three samples whose weighted mean differs clearly from the plain one."""
    rng = torch.Generator().manual_seed(seed)
    while True:
        squared_norms, returns = _integers(rng, 1, 6, 3), _integers(rng, 0, 12, 3)
        weighted = baseline_from_table(squared_norms, returns)
        if abs(weighted - sum(returns) / 3) > 0.5 and sum(squared_norms) in (5, 8, 10):
            return {"squared_norms": squared_norms, "returns": returns}


def sample_add_ten(seed: int) -> dict[str, object]:
    """Four pulls of two arms, not equally often, and rewards with an even mean."""
    rng = torch.Generator().manual_seed(seed)
    rare = _integer(rng, 0, 3)
    common = _integer(rng, 0, 1)
    rewards = _integers(rng, 0, 4, 3)
    rewards.append(8 - sum(rewards) if sum(rewards) <= 8 else 12 - sum(rewards))
    return {
        "actions": [1 - common if pull == rare else common for pull in range(4)],
        "rewards": [float(reward) for reward in rewards],
    }


if __name__ == "__main__":
    print(claim())
    main()
