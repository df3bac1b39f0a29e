"""Gradients through sampling: move the noise out of the way, for Gaussians and for classes.

Source: Kingma, Welling, "Auto-Encoding Variational Bayes", 2013, arXiv:1312.6114, section 2.4.
    Jang, Gu, Poole, "Categorical Reparameterization with Gumbel-Softmax", 2016, arXiv:1611.01144.
    Maddison, Mnih, Teh, "The Concrete Distribution", 2016, arXiv:1611.00712.
    Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning",
    Machine Learning 8, 1992.

Shapes: S samples, d dimensions, n classes. Noise has the shape of what it perturbs, with more axes in front
where many samples share one distribution.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

__all__ = [
    "claim",
    "concrete_log_prob",
    "gaussian_reparam",
    "gumbel_from_uniform",
    "gumbel_max",
    "gumbel_softmax",
    "main",
    "pathwise_gradient",
    "picture",
    "relaxed_coordinate",
    "reparam_value",
    "score_function_gradient",
    "win_probability",
]


def _need_floating(**tensors: Tensor) -> None:
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise TypeError(f"{name} must be floating, not {tensor.dtype}")


def _need_same_shape(log_var: Tensor, mu: Tensor) -> None:
    if log_var.shape != mu.shape:
        raise ValueError(f"log_var must have the shape of mu, {tuple(mu.shape)}, not {tuple(log_var.shape)}")


def _need_last_axes(name: str, tensor: Tensor, of: Tensor) -> None:
    if tensor.ndim < of.ndim or tensor.shape[tensor.ndim - of.ndim :] != of.shape:
        raise ValueError(f"{name} must have the last axes {tuple(of.shape)}, not {tuple(tensor.shape)}")


def _need_samples(mu: Tensor, log_var: Tensor, noise: Tensor) -> None:
    _need_floating(mu=mu, log_var=log_var, noise=noise)
    if mu.ndim != 1:
        raise ValueError(f"mu must be (d,), not {tuple(mu.shape)}")
    _need_same_shape(log_var, mu)
    if noise.ndim != 2 or noise.shape[1] != len(mu):
        raise ValueError(f"noise must be (S, {len(mu)}), not {tuple(noise.shape)}")


def _need_one_value_per_sample(value: Tensor, z: Tensor) -> None:
    if value.shape != z.shape[:1]:
        raise ValueError(f"f must return ({len(z)},), not {tuple(value.shape)}")


def _axis_of_classes(logits: Tensor, gumbel: Tensor, dim: int) -> int:
    """Check both, and return `dim` counted from the end, so that it names the same axis in both."""
    _need_floating(logits=logits, gumbel=gumbel)
    _need_last_axes("gumbel", gumbel, logits)
    if not -logits.ndim <= dim < logits.ndim:
        raise ValueError(f"dim must be an axis of logits {tuple(logits.shape)}, not {dim}")
    return dim if dim < 0 else dim - logits.ndim


def _at_least_float32(*tensors: Tensor) -> tuple[Tensor, ...]:
    dtype = torch.promote_types(tensors[0].dtype, torch.float32)
    return tuple(tensor.to(dtype) for tensor in tensors)


def gaussian_reparam(mu: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """A Gaussian sample as a differentiable function of its parameters: mu + sigma * noise.

    mu, log_var: the same shape
    noise:       standard normal, the shape of mu, or more axes in front
    returns:     the shape of noise
    """
    _need_floating(mu=mu, log_var=log_var, noise=noise)
    _need_same_shape(log_var, mu)
    _need_last_axes("noise", noise, of=mu)
    centre, spread, draw = _at_least_float32(mu, log_var, noise)
    return (centre + torch.exp(0.5 * spread) * draw).to(mu.dtype)  # sigma = sqrt(exp(log_var))


def gumbel_from_uniform(u: Tensor) -> Tensor:
    """Turn uniform noise, strictly between 0 and 1, into standard Gumbel noise of the same shape."""
    _need_floating(u=u)
    if not ((u > 0) & (u < 1)).all():
        raise ValueError("u must lie strictly between 0 and 1: at the ends the noise is infinite")
    (uniform,) = _at_least_float32(u)
    return (-torch.log(-torch.log(uniform))).to(u.dtype)


def gumbel_max(logits: Tensor, gumbel: Tensor, dim: int = -1) -> Tensor:
    """Draw a class from softmax(logits), exactly: the one whose perturbed logit is the largest.

    logits:  any shape, classes along `dim`; a common shift changes nothing
    gumbel:  the shape of logits, or more axes in front, one per sample
    returns: int64, without the axis of classes
    """
    axis = _axis_of_classes(logits, gumbel, dim)
    scores, noise = _at_least_float32(logits, gumbel)
    return (scores + noise).argmax(axis)


def gumbel_softmax(
    logits: Tensor, gumbel: Tensor, *, tau: float = 1.0, hard: bool = False, dim: int = -1
) -> Tensor:
    """A point in the simplex near the corner that `gumbel_max` picks, differentiable in the logits.

    hard:    return the corner itself, with the gradient of the soft sample (straight-through)
    returns: the shape of gumbel; sums to 1 along `dim`
    """
    axis = _axis_of_classes(logits, gumbel, dim)
    if not tau > 0:
        raise ValueError(f"tau must be positive, not {tau}")
    scores, noise = _at_least_float32(logits, gumbel)
    perturbed = scores + noise
    y = torch.softmax(perturbed / tau, dim=axis)
    if hard:
        winner = perturbed.argmax(axis, keepdim=True)
        corner = torch.zeros_like(y).scatter(axis, winner, 1.0)
        y = (corner - y).detach() + y  # the value of the corner, the gradient of y
    return y.to(logits.dtype)


def concrete_log_prob(y: Tensor, logits: Tensor, tau: float) -> Tensor:
    """Log-density of a Gumbel-softmax sample, with respect to its first n - 1 coordinates.

    y:       (..., n) inside the simplex
    logits:  (..., n) or its last axes, not necessarily normalised
    returns: (...)
    """
    _need_floating(y=y, logits=logits)
    if logits.ndim == 0:
        raise ValueError("logits must have an axis of classes")
    _need_last_axes("y", y, of=logits)
    if not (y > 0).all() or not ((y.sum(-1) - 1).abs() < 1e-2).all():
        raise ValueError("y must be positive and sum to 1 along the last axis")
    if not tau > 0:
        raise ValueError(f"tau must be positive, not {tau}")
    point, scores = _at_least_float32(y, logits)
    n, log_y = y.shape[-1], point.log()
    constant = math.lgamma(n) + (n - 1) * math.log(tau)  # log of Gamma(n) tau^(n-1)
    product = (scores - (tau + 1) * log_y).sum(-1)
    return (constant + product - n * torch.logsumexp(scores - tau * log_y, dim=-1)).to(y.dtype)


def pathwise_gradient(mu: Tensor, log_var: Tensor, f: Callable[[Tensor], Tensor], noise: Tensor) -> Tensor:
    """Estimate d E[f(z)] / d mu once per sample, by differentiating f along the path from mu to z.

    mu, log_var: (d,)
    f:           differentiable, (S, d) -> (S,), each sample by itself
    noise:       (S, d), standard normal
    returns:     (S, d)
    """
    _need_samples(mu, log_var, noise)
    centre, spread, draws = _at_least_float32(mu, log_var, noise)
    wanted = any(tensor.requires_grad for tensor in (mu, log_var, noise))  # a gradient of this gradient
    with torch.enable_grad():
        means = centre.expand_as(draws).clone()  # one mu per sample, to keep their gradients apart
        if not means.requires_grad:
            means.requires_grad_()
        z = gaussian_reparam(means, spread.expand_as(draws), draws)
        value = f(z)
        _need_one_value_per_sample(value, z)
        if not value.requires_grad:
            raise ValueError("f must be differentiable; if it is not, use score_function_gradient")
        (gradient,) = torch.autograd.grad(value.sum(), means, create_graph=wanted)
    return gradient.to(mu.dtype)


def score_function_gradient(
    mu: Tensor,
    log_var: Tensor,
    f: Callable[[Tensor], Tensor],
    noise: Tensor,
    *,
    baseline: float = 0.0,
) -> Tensor:
    """Estimate d E[f(z)] / d mu once per sample from values of f alone: (f - baseline) times the score.

    mu, log_var: (d,)
    f:           any function, (S, d) -> (S,)
    noise:       (S, d), standard normal
    returns:     (S, d)
    """
    _need_samples(mu, log_var, noise)
    centre, spread, draws = _at_least_float32(mu, log_var, noise)
    z = gaussian_reparam(centre, spread, draws)
    value = f(z)
    _need_one_value_per_sample(value, z)
    score = (z - centre) / spread.exp()  # d log p(z) / d mu
    return ((value - baseline)[:, None] * score).to(mu.dtype)


def reparam_value(mu: float, log_var: float, noise: float) -> float:
    """The Gaussian sample that one standard normal number becomes."""
    return mu + math.exp(0.5 * log_var) * noise


def win_probability(weights: list[int], index: int, tau: float) -> float:
    """How likely coordinate `index` of a Gumbel-softmax sample is the largest, for logits log(weights)."""
    del tau  # dividing everything by tau keeps the order
    return weights[index] / sum(weights)


def relaxed_coordinate(logits: list[float], gumbel: list[float], tau: float, index: int) -> float:
    """One coordinate of a Gumbel-softmax sample."""
    as_tensors = (torch.tensor(numbers, dtype=torch.float64) for numbers in (logits, gumbel))
    return float(gumbel_softmax(*as_tensors, tau=tau)[index])


def _gumbel(shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Fresh noise, float64; uniform draws are kept off 0."""
    u = torch.rand(shape, generator=rng, dtype=torch.float64)
    return gumbel_from_uniform(u.clamp(min=torch.finfo(torch.float64).tiny))


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Draw classes by Gumbel-max and soften the same draws; then estimate one gradient in two ways."""
    rng = torch.Generator().manual_seed(seed)
    logits = torch.randn(6, generator=rng, dtype=torch.float64).to(device)
    gumbel = _gumbel((100_000, 6), rng).to(device)
    drawn = gumbel_max(logits, gumbel)
    frequency = torch.bincount(drawn, minlength=6) / len(drawn)
    soft = [gumbel_softmax(logits, gumbel, tau=tau) for tau in (5.0, 1.0, 0.1, 0.01)]
    peaks = [float(y.amax(-1).mean()) for y in soft]
    agree = torch.stack([y.argmax(-1) == drawn for y in soft])

    mu, log_var = torch.randn(2, 4, generator=rng, dtype=torch.float64).to(device) * 0.5
    noise = torch.randn(50_000, 4, generator=rng, dtype=torch.float64).to(device)
    pathwise = pathwise_gradient(mu, log_var, _squared_norm, noise)
    score = score_function_gradient(mu, log_var, _squared_norm, noise)
    measured = {
        "tv": float((frequency - logits.softmax(-1)).abs().sum() / 2),
        "argmax_agree": float(agree.double().mean()),
        "peak_tau5": peaks[0],
        "peak_tau001": peaks[-1],
        "score_z": max(_standard_errors(estimates, 2 * mu) for estimates in (pathwise, score)),
        "var_ratio": float(score.var(0).sum() / pathwise.var(0).sum()),
    }
    return {
        "statement": "Gumbel-max samples exactly, Gumbel-softmax approaches it as the temperature falls, and "
        "the score function pays for its generality with variance.",
        "measured": measured,
        "passed": measured["tv"] < 0.01
        and measured["argmax_agree"] == 1.0
        and peaks == sorted(set(peaks))
        and measured["peak_tau001"] > 0.98
        and measured["score_z"] < 5
        and measured["var_ratio"] > 3,
    }


def _squared_norm(z: Tensor) -> Tensor:
    return (z**2).sum(-1)


def _standard_errors(estimates: Tensor, truth: Tensor) -> float:
    """How far the mean of (S, d) estimates is from the truth, at worst."""
    error = estimates.std(0) / len(estimates) ** 0.5
    return float(((estimates.mean(0) - truth) / error).abs().max())


def picture(seed: int = 0) -> dict[str, list[float]]:
    """The largest coordinate of 64 samples of six classes, in order: cold samples are nearly one-hot."""
    gumbel = _gumbel((64, 6), torch.Generator().manual_seed(seed))
    logits = torch.zeros(6, dtype=torch.float64)
    peaks = {tau: gumbel_softmax(logits, gumbel, tau=tau).amax(-1) for tau in (5.0, 1.0, 0.1)}
    return {f"largest coordinate, tau = {tau}": peak.sort().values.tolist() for tau, peak in peaks.items()}


def main(device: str = "cpu") -> None:
    """Cool one sample down; then show what each gradient estimate of E[z^2] costs."""
    rng = torch.Generator().manual_seed(0)
    logits = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64, device=device).log()
    gumbel = _gumbel((3,), rng).to(device)
    for tau in (10.0, 1.0, 0.5, 0.1):
        y = gumbel_softmax(logits, gumbel, tau=tau)
        print(f"tau {tau:4}: y = {[round(part, 3) for part in y.tolist()]}")
    mu, log_var = torch.zeros(2, 1, dtype=torch.float64, device=device)
    noise = torch.randn(100_000, 1, generator=rng, dtype=torch.float64).to(device)
    pathwise = pathwise_gradient(mu, log_var, _squared_norm, noise)
    print(
        f"Gradient of E[z^2] at mu = 0, pathwise: mean {pathwise.mean():.3f}, variance {pathwise.var():.2f}"
    )
    for baseline in (0.0, 1.0, 3.0):
        score = score_function_gradient(mu, log_var, _squared_norm, noise, baseline=baseline)
        print(f"Score function, baseline {baseline}: mean {score.mean():.3f}, variance {score.var():.2f}")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def sample_gumbel_from_uniform(seed: int) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    shape = ((5,), (2, 3), (1,), (2, 1, 4))[seed % 4]
    u = torch.rand(shape, generator=rng, dtype=torch.float64) * 0.98 + 0.01
    return {"u": u if seed % 3 else u.float()}


def sample_gumbel_softmax(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    shape = (_integer(rng, 2, 3), _integer(rng, 2, 4), _integer(rng, 2, 5))
    dtype = (torch.float64, torch.float32)[seed % 2]
    return {
        "logits": torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype),
        "gumbel": _gumbel(shape, rng).to(dtype),
        "weight": torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype),
        "tau": (0.5, 2.0, 1.3)[_integer(rng, 0, 2)],
    }


def probe_gumbel_softmax(
    implementation: Callable[..., Tensor], logits: Tensor, gumbel: Tensor, weight: Tensor, tau: float
) -> dict[str, Tensor]:
    """Ask for soft and hard samples along two axes, and for the gradient of a weighted sum of each."""
    found = {"by default": implementation(logits, gumbel)}
    for hard in (False, True):
        for dim in (-1, 1):
            leaf = logits.clone().requires_grad_()
            y = implementation(leaf, gumbel, tau=tau, hard=hard, dim=dim)
            name = f"hard={hard}, dim={dim}"
            found[name] = y.detach()
            found[f"gradient, {name}"] = _gradient(y, weight, leaf)
    return found


def _gradient(y: Tensor, weight: Tensor, leaf: Tensor) -> Tensor:
    if not y.requires_grad:
        return torch.full_like(leaf, torch.nan)  # no path back to the logits
    return torch.autograd.grad((y * weight).sum(), leaf)[0]


def sample_concrete_log_prob(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    shape = ((2,), (4,), (3, 3), (2, 2, 5))[seed % 4]
    logits = torch.randn(shape, generator=rng, dtype=torch.float64) + 1  # not normalised
    y = torch.softmax(torch.randn(shape, generator=rng, dtype=torch.float64), dim=-1)
    return {"y": y, "logits": logits, "tau": (0.5, 0.7, 2.0)[_integer(rng, 0, 2)]}


def sample_score_function_gradient(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    S, d = _integer(rng, 3, 6), _integer(rng, 2, 4)
    mu, log_var = torch.randn(2, d, generator=rng, dtype=torch.float64)
    noise = torch.randn(S, d, generator=rng, dtype=torch.float64)
    return {"mu": mu, "log_var": log_var, "noise": noise, "baseline": float(_integer(rng, 1, 9))}


def probe_score_function_gradient(
    implementation: Callable[..., Tensor], mu: Tensor, log_var: Tensor, noise: Tensor, baseline: float
) -> dict[str, Tensor]:
    """Try a smooth function and one without a useful gradient, with and without a baseline."""

    def positive(z: Tensor) -> Tensor:
        return (z.sum(-1) > 0).to(z.dtype)

    return {
        "squared norm": implementation(mu, log_var, _squared_norm, noise),
        "squared norm, baseline": implementation(mu, log_var, _squared_norm, noise, baseline=baseline),
        "step": implementation(mu, log_var, positive, noise),
        "step, baseline": implementation(mu, log_var, positive, noise, baseline=baseline),
    }


def sample_reparam_value(seed: int) -> dict[str, float]:
    """A log-variance whose standard deviation is a simple number."""
    rng = torch.Generator().manual_seed(seed)
    log_var = (1.386, -1.386, 2.197, -3.219)[_integer(rng, 0, 3)]  # sigma = 2, 1/2, 3, 1/5
    noise = (0.5, -0.5, 1.5, -2.0)[_integer(rng, 0, 3)]
    return {"mu": float(_integer(rng, 3, 9)), "log_var": log_var, "noise": noise}


def sample_win_probability(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    weights = [_integer(rng, 1, 9) for _ in range(_integer(rng, 3, 4))]
    index = _integer(rng, 0, len(weights) - 1)
    return {"weights": weights, "index": index, "tau": (0.1, 0.5, 2.0, 5.0)[_integer(rng, 0, 3)]}


def _one_decimal(rng: torch.Generator, low: int, high: int, count: int) -> list[float]:
    return [tenths / 10 for tenths in torch.randint(low, high + 1, (count,), generator=rng).tolist()]


def sample_relaxed_coordinate(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {
        "logits": _one_decimal(rng, -10, 10, 3),
        "gumbel": _one_decimal(rng, -10, 20, 3),
        "tau": (0.5, 2.0)[_integer(rng, 0, 1)],
        "index": _integer(rng, 0, 2),
    }


def sample_hard_sample(seed: int) -> dict[str, object]:
    """Three classes with a clear winner, which half of the time is not the most probable class."""
    rng = torch.Generator().manual_seed(seed)
    logits = [0.0, 1.0, 2.0]
    order = torch.randperm(3, generator=rng).tolist()
    gumbel = [_integer(rng, -4, 4) / 10 for _ in range(3)]  # so that nothing ties
    if _integer(rng, 0, 1):
        gumbel[order.index(0)] += 3.0
    return {"logits": [logits[i] for i in order], "gumbel": [round(g, 1) for g in gumbel]}


def sample_who_wins(seed: int) -> dict[str, object]:
    """Perturbed logits without ties, whether the logits count once, twice, or half."""
    rng = torch.Generator().manual_seed(seed)
    while True:
        logits, gumbel = _one_decimal(rng, -15, 15, 3), _one_decimal(rng, -10, 30, 3)
        tau = (0.5, 2.0)[_integer(rng, 0, 1)]
        winners = []
        for factor in (1.0, 1 / tau):
            scores = sorted((factor * a + g, i) for i, (a, g) in enumerate(zip(logits, gumbel, strict=True)))
            if scores[-1][0] - scores[-2][0] < 0.15:
                break
            winners.append(scores[-1][1])
        if len(winners) == 2 and (winners[0] != winners[1] or seed % 3 == 0):
            return {"logits": logits, "gumbel": gumbel, "tau": tau}


if __name__ == "__main__":
    print(claim())
    main()
