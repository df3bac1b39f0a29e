"""Mixed precision: compute in 16 bits, keep in 32 what 16 cannot hold, and scale the loss.

Source: Micikevicius et al., "Mixed Precision Training", 2017, arXiv:1710.03740, section 3.
    Formats: IEEE 754-2019, section 3; bfloat16: Kalamkar et al., 2019, arXiv:1905.12322.

Shapes: tensors of any shape; nothing here depends on it.
"""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

__all__ = [
    "LossScaler",
    "claim",
    "clipped_sgd_step",
    "decode_half",
    "float_facts",
    "half_sum",
    "main",
    "master_weight_sgd",
    "next_scale",
    "picture",
    "rescue_scale",
    "scale_after",
    "training_bytes_per_parameter",
    "underflow_fraction",
]

BITS = {
    torch.float16: (5, 10),
    torch.bfloat16: (8, 7),
    torch.float32: (8, 23),
    torch.float64: (11, 52),
}
"""Exponent and mantissa bits of each format; one more bit is the sign."""


def float_facts(dtype: torch.dtype) -> dict[str, float]:
    """What follows from the number of exponent and mantissa bits of a floating format."""
    if dtype not in BITS:
        raise TypeError(f"dtype must be float16, bfloat16, float32 or float64, not {dtype}")
    exponent_bits, mantissa_bits = BITS[dtype]
    bias = 2 ** (exponent_bits - 1) - 1
    eps = 2.0**-mantissa_bits  # from 1 to the next number
    min_normal = 2.0 ** (1 - bias)  # the exponent field 0 is kept for subnormals
    return {
        "exponent_bits": exponent_bits,
        "mantissa_bits": mantissa_bits,
        "eps": eps,
        "max": (2 - eps) * 2.0**bias,  # the field of ones is kept for inf and nan
        "min_normal": min_normal,
        "min_subnormal": min_normal * eps,
    }


def decode_half(bits: str) -> float:
    """The value of an fp16 pattern of 16 binary digits: sign, 5 of the exponent, 10 of the fraction."""
    bits = bits.replace(" ", "")
    if len(bits) != 16 or set(bits) - set("01"):
        raise ValueError(f"bits must be 16 binary digits, not {bits!r}")
    sign, exponent, fraction = 1 - 2 * int(bits[0]), int(bits[1:6], 2), int(bits[6:], 2)
    if exponent == 31:
        return math.nan if fraction else sign * math.inf
    if exponent == 0:  # subnormal: no hidden one, and the smallest exponent of all
        return sign * math.ldexp(fraction / 1024, -14)
    return sign * math.ldexp(1 + fraction / 1024, exponent - 15)


def half_sum(a: float, b: float) -> float:
    """The fp16 sum of two numbers that fp16 holds exactly."""
    return float(torch.tensor(a, dtype=torch.float16) + torch.tensor(b, dtype=torch.float16))


def underflow_fraction(x: Tensor, dtype: torch.dtype = torch.float16, *, scale: float = 1.0) -> float:
    """Of the entries of `x` that are not zero, the share that scaling and casting to `dtype` turns into 0."""
    if not x.is_floating_point():
        raise TypeError(f"x must be floating, not {x.dtype}")
    if not dtype.is_floating_point:
        raise TypeError(f"dtype must be floating, not {dtype}")
    if not scale > 0:
        raise ValueError(f"scale must be positive, not {scale}")
    nonzero = x[x != 0]
    if nonzero.numel() == 0:
        return 0.0
    lost = (nonzero * scale).to(dtype) == 0
    return float(lost.double().mean())


def rescue_scale(gradient: float) -> int:
    """The smallest power of two, 1 or more, by which `gradient` must be multiplied not to be 0 in fp16."""
    if not 0 < abs(gradient) < math.inf:
        raise ValueError(f"gradient must be finite and not 0: {gradient}")
    scale = 1
    while abs(gradient) * scale <= 2.0**-25:  # half the smallest subnormal: rounds to 0
        scale *= 2
    return scale


def next_scale(
    scale: float,
    good_steps: int,
    found_inf: bool,
    *,
    growth_factor: float = 2.0,
    backoff_factor: float = 0.5,
    growth_interval: int = 2000,
) -> tuple[float, int]:
    """Scale and number of clean steps in a row after one more step."""
    if found_inf:
        return scale * backoff_factor, 0
    if good_steps + 1 >= growth_interval:
        return scale * growth_factor, 0
    return scale, good_steps + 1


class LossScaler:
    """Keeps the loss scale as large as the gradients allow."""

    def __init__(
        self,
        init_scale: float = 65536.0,
        *,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
    ) -> None:
        if not init_scale > 0:
            raise ValueError(f"init_scale must be positive, not {init_scale}")
        if not growth_factor > 1:
            raise ValueError(f"growth_factor must be above 1, not {growth_factor}")
        if not 0 < backoff_factor < 1:
            raise ValueError(f"backoff_factor must lie between 0 and 1, not {backoff_factor}")
        if growth_interval < 1:
            raise ValueError(f"growth_interval must be at least 1, not {growth_interval}")
        self.scale_value = float(init_scale)
        self.good_steps = 0
        self.growth_factor = growth_factor
        self.backoff_factor = backoff_factor
        self.growth_interval = growth_interval

    def scale(self, loss: Tensor) -> Tensor:
        """What to call `backward` on. At least float32, since fp16 cannot even hold 65536."""
        return loss.to(torch.promote_types(loss.dtype, torch.float32)) * self.scale_value

    def unscale(self, grads: Iterable[Tensor]) -> tuple[list[Tensor], bool]:
        """The true gradients in fp32, and whether any of them overflowed."""
        unscaled = [grad.float() / self.scale_value for grad in grads]
        return unscaled, any(not bool(grad.isfinite().all()) for grad in unscaled)

    def update(self, found_inf: bool) -> None:
        """Adapt the scale once per step, also when the step was skipped."""
        self.scale_value, self.good_steps = next_scale(
            self.scale_value,
            self.good_steps,
            found_inf,
            growth_factor=self.growth_factor,
            backoff_factor=self.backoff_factor,
            growth_interval=self.growth_interval,
        )


def scale_after(start: float, overflows: list[bool], growth_interval: int) -> float:
    """The scale of a `LossScaler` after steps of which some overflowed."""
    scaler = LossScaler(start, growth_interval=growth_interval)
    for found_inf in overflows:
        scaler.update(found_inf)
    return scaler.scale_value


def master_weight_sgd(
    master: Tensor, grad: Tensor, lr: float, *, loss_scale: float = 1.0, dtype: torch.dtype = torch.float16
) -> tuple[Tensor, Tensor]:
    """One SGD step on fp32 master weights, given the gradient of the scaled loss.

    returns: the new master in fp32, and its rounded copy for the next forward pass
    """
    if master.dtype != torch.float32:
        raise TypeError(f"master must be float32, not {master.dtype}")
    if not grad.is_floating_point() or not dtype.is_floating_point:
        raise TypeError(f"grad and dtype must be floating, not {grad.dtype} and {dtype}")
    if grad.shape != master.shape:
        raise ValueError(f"grad must have the shape {tuple(master.shape)}, not {tuple(grad.shape)}")
    if not loss_scale > 0:
        raise ValueError(f"loss_scale must be positive, not {loss_scale}")
    updated = master - lr * (grad.float() / loss_scale)
    return updated, updated.to(dtype)


def clipped_sgd_step(
    master: Tensor, grad: Tensor, lr: float, *, loss_scale: float, max_norm: float
) -> Tensor:
    """One SGD step on fp32 weights: unscale the fp16 gradient, clip its norm to `max_norm`, subtract.

    returns: the new weights; the old ones if the gradient overflowed
    """
    unscaled = grad.float() / loss_scale
    if not unscaled.isfinite().all():
        return master.clone()
    norm: Tensor = torch.linalg.vector_norm(unscaled)
    return master - lr * unscaled * (max_norm / norm).clamp(max=1.0)


def training_bytes_per_parameter(optimizer: str = "adam", *, mixed: bool = True) -> int:
    """Bytes per parameter for weights, gradients, fp32 master weights (if mixed) and optimizer state."""
    state = {"sgd": 0, "momentum": 4, "adam": 8}
    if optimizer not in state:
        raise ValueError(f"optimizer must be one of {', '.join(state)}, not {optimizer!r}")
    weights_and_gradients = 2 + 2 + 4 if mixed else 4 + 4
    return weights_and_gradients + state[optimizer]


def claim(seed: int = 0, device: str = "cpu") -> dict[str, object]:
    """Lose updates and gradients in fp16, then keep them with a master copy and a loss scale."""
    rng = torch.Generator().manual_seed(seed)
    half = torch.ones((), dtype=torch.float16, device=device)
    master, grad = half.float(), torch.full_like(half, -1.0)
    weight = half.clone()
    for _ in range(1000):
        weight = weight - 1e-4 * grad
        master, _ = master_weight_sgd(master, grad, 1e-4)
    exponents = -6 - 4 * torch.rand(100_000, generator=rng, dtype=torch.float64)
    tiny = (10**exponents).to(device)  # magnitudes between 1e-6 and 1e-10
    scaler, skipped = _scaled_training(rng, 200)
    measured = {
        "fp16_update": float(weight - half),
        "master": float(master),
        "underflow_plain": underflow_fraction(tiny),
        "underflow_scaled": underflow_fraction(tiny, scale=65536.0),
        "skipped": float(skipped),
        "log2_scale": math.log2(scaler.scale_value),
    }
    return {
        "statement": "fp16 loses small updates and gradients; an fp32 master and a loss scale keep both.",
        "measured": measured,
        "passed": measured["fp16_update"] == 0
        and abs(measured["master"] - 1.1) < 2e-3
        and measured["underflow_plain"] > 0.4
        and measured["underflow_scaled"] < 0.01
        and measured["skipped"] < 40,
    }


def _scaled_training(rng: torch.Generator, steps: int) -> tuple[LossScaler, int]:
    """Let a scaler that starts far too high find its level."""
    scaler, skipped = LossScaler(2.0**32, growth_interval=20), 0
    for _ in range(steps):
        gradient = 0.01 * torch.randn(1000, generator=rng)
        _, found_inf = scaler.unscale([scaler.scale(gradient).half()])
        scaler.update(found_inf)
        skipped += found_inf
    return scaler, skipped


def picture(seed: int = 0) -> dict[str, list[float]]:
    """Share of gradients that fp16 loses at either end, for loss scales 2^0 ... 2^40."""
    rng = torch.Generator().manual_seed(seed)
    gradient = torch.exp2(-20 + 6 * torch.randn(20_000, generator=rng, dtype=torch.float64))
    scaled = [(gradient * 2.0**power).half() for power in range(41)]
    return {
        "became 0": [float((x == 0).double().mean()) for x in scaled],
        "became inf": [float(x.isinf().double().mean()) for x in scaled],
    }


def main(device: str = "cpu") -> None:
    """Show what three formats hold, and what fp16 does to a small update."""
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        facts = float_facts(dtype)
        numbers = ", ".join(
            f"{name} {facts[name]:.3g}" for name in ("eps", "max", "min_normal", "min_subnormal")
        )
        print(f"{str(dtype).removeprefix('torch.'):8}: {numbers}")
    one = torch.ones((), dtype=torch.float16, device=device)
    print(
        f"fp16: 1 + 5e-4 = {one + 5e-4:.6f}, 1 + 4e-4 = {one + 4e-4:.6f}, 2048 + 1 = {half_sum(2048, 1):.0f}"
    )
    grads = torch.tensor([1e-5, 1e-7, 2e-8, 1e-9], device=device)
    print(f"gradients {[f'{g:.0e}' for g in grads.tolist()]}")
    print(f"in fp16   {[f'{g:.1e}' for g in grads.half().tolist()]}")
    print(f"scaled    {[f'{g:.1e}' for g in ((grads * 65536).half().float() / 65536).tolist()]}")


# What the cards draw: a seed is an exercise.


def _integer(rng: torch.Generator, low: int, high: int) -> int:
    return int(torch.randint(low, high + 1, (), generator=rng))


def _coin(rng: torch.Generator) -> bool:
    return bool(_integer(rng, 0, 1))


def sample_decode_half(seed: int) -> dict[str, object]:
    """Few bits of the fraction are set; one pattern in four is subnormal."""
    rng = torch.Generator().manual_seed(seed)
    fraction = ("1000000000", "0100000000", "1100000000", "1010000000", "0010000000", "1110000000")
    exponent = 0 if _integer(rng, 0, 3) == 0 else _integer(rng, 11, 20)
    return {"bits": f"{_integer(rng, 0, 1)} {exponent:05b} {fraction[_integer(rng, 0, 5)]}"}


def sample_half_sum(seed: int) -> dict[str, object]:
    """A sum between two neighbours of fp16, where the spacing is 2, 4 or 8."""
    rng = torch.Generator().manual_seed(seed)
    spacing = (2, 4, 8)[_integer(rng, 0, 2)]
    a = spacing * _integer(rng, 1025, 1200)
    return {"a": a, "b": 2 * spacing * _integer(rng, 0, 3) + _integer(rng, 1, 2 * spacing - 1)}


def sample_underflow_fraction(seed: int) -> dict[str, object]:
    """Numbers around the threshold, with ties, zeros and both signs; now and then nothing but zeros."""
    rng = torch.Generator().manual_seed(seed)
    dtype, smallest = ((torch.float16, -24), (torch.bfloat16, -133))[seed % 2]
    shape = ((12,), (3, 5), (2, 3, 4))[seed % 3]
    lift = _integer(rng, 1, 6)
    powers = torch.randint(smallest - lift - 3, smallest - lift + 3, shape, generator=rng).double()
    x = torch.exp2(powers) * torch.tensor([1, 1.5, -1, -1.5])[torch.randint(0, 4, shape, generator=rng)]
    x = torch.where(torch.rand(shape, generator=rng) < 0.3, 0.0, x)
    return {"x": torch.zeros_like(x) if seed % 7 == 6 else x, "dtype": dtype, "scale": 2.0**lift}


def probe_underflow_fraction(
    implementation: Callable[..., float], x: Tensor, dtype: torch.dtype, scale: float
) -> dict[str, object]:
    """Ask with and without a scale, and with what is meant if nothing is said."""
    return {
        "scaled": implementation(x, dtype, scale=scale),
        "not scaled": implementation(x * scale, dtype),
        "fp16 by default": implementation(x * 2.0**110 if dtype == torch.bfloat16 else x * scale),
        "is a float": isinstance(implementation(x, dtype, scale=scale), float),
    }


def sample_rescue_scale(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    return {"gradient": float(f"{_integer(rng, 1, 9)}e-{_integer(rng, 9, 11)}")}


def sample_next_scale(seed: int) -> dict[str, object]:
    """Clean steps that stand just before, at and far from the moment to grow."""
    rng = torch.Generator().manual_seed(seed)
    interval = _integer(rng, 1, 5)
    return {
        "scale": 2.0 ** _integer(rng, 3, 16),
        "good_steps": max(0, interval - 1 - seed % 3),
        "found_inf": seed % 4 == 3,
        "growth_interval": interval,
    }


def probe_next_scale(
    implementation: Callable[..., tuple[float, int]],
    scale: float,
    good_steps: int,
    found_inf: bool,
    growth_interval: int,
) -> dict[str, object]:
    """Take one step with the usual settings and with others, and a run of steps with an overflow in it."""
    factors = {"growth_factor": 8.0, "backoff_factor": 0.25}
    now, run = (scale, good_steps), []
    for step in range(3 * growth_interval):
        overflow = step == growth_interval + 1
        now = implementation(*now, overflow, growth_interval=growth_interval)
        run.append(now)
    return {
        "one step": implementation(scale, good_steps, found_inf, growth_interval=growth_interval),
        "other factors": implementation(
            scale, good_steps, found_inf, growth_interval=growth_interval, **factors
        ),
        "after 1,998 clean steps": implementation(scale, 1998, False),
        "after 1,999 clean steps": implementation(scale, 1999, False),
        "an overflow by default": implementation(scale, 1999, True),
        "a run with one overflow": run,
    }


def sample_scale_after(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    flags = [_integer(rng, 0, 3) == 0 for _ in range(9)]
    return {"start": 1024, "overflows": flags, "growth_interval": _integer(rng, 2, 3)}


def sample_master_weight_sgd(seed: int) -> dict[str, object]:
    """Updates far below the spacing of 16-bit weights."""
    rng = torch.Generator().manual_seed(seed)
    shape = ((3,), (2, 4), ())[seed % 3]
    dtype = (torch.float16, torch.bfloat16)[seed % 2]
    loss_scale = 2.0 ** _integer(rng, 2, 12)
    grad = loss_scale * 0.01 * torch.randn(shape, generator=rng)
    return {
        "master": torch.randn(shape, generator=rng),
        "grad": grad.to(dtype),
        "lr": 0.01 * _integer(rng, 1, 9),
        "loss_scale": loss_scale,
        "dtype": dtype,
    }


def probe_master_weight_sgd(
    implementation: Callable[..., tuple[Tensor, Tensor]],
    master: Tensor,
    grad: Tensor,
    lr: float,
    loss_scale: float,
    dtype: torch.dtype,
) -> dict[str, object]:
    """Step with all arguments, with the defaults, with the smallest gradient of fp16; look at `master`."""
    before = master.clone()
    smallest = torch.full_like(master, 2.0**-24, dtype=torch.float16)
    return {
        "scaled": implementation(master, grad, lr, loss_scale=loss_scale, dtype=dtype),
        "by default": implementation(master, grad, lr),
        "a tiny gradient": implementation(torch.zeros_like(master), smallest, 0.5, loss_scale=4096.0)[0]
        * 2.0**40,
        "master is not changed in place": torch.equal(master, before),
    }


def sample_clipped_sgd_step(seed: int) -> dict[str, object]:
    """Gradients that want clipping, and gradients that do not."""
    rng = torch.Generator().manual_seed(seed)
    shape = ((5,), (2, 3), (4, 1, 2))[seed % 3]
    loss_scale = 2.0 ** _integer(rng, 6, 12)
    gradient = torch.randn(shape, generator=rng) * (0.1, 1.0)[seed % 2]
    return {
        "master": torch.randn(shape, generator=rng),
        "grad": (gradient * loss_scale).half(),
        "lr": 0.1 * _integer(rng, 1, 5),
        "loss_scale": loss_scale,
        "max_norm": 0.25 * _integer(rng, 2, 4),
    }


def probe_clipped_sgd_step(
    implementation: Callable[..., Tensor],
    master: Tensor,
    grad: Tensor,
    lr: float,
    loss_scale: float,
    max_norm: float,
) -> dict[str, object]:
    """Step with the gradient as it is, with one entry that overflowed, and with gradients tiny and huge."""

    def step(grad: Tensor) -> Tensor:
        return implementation(master.clone(), grad, lr, loss_scale=loss_scale, max_norm=max_norm)

    steps: dict[str, object] = {"as drawn": step(grad)}
    for bad in (math.inf, -math.inf, math.nan):
        overflowed = grad.clone()
        overflowed.view(-1)[-1] = bad
        steps[f"one entry is {bad}"] = step(overflowed)
    zero, tiny = torch.zeros_like(master), torch.full_like(grad, 2.0**-22)
    steps["2^-22 everywhere, times 2^30"] = 2.0**30 * implementation(
        zero, tiny, lr, loss_scale=loss_scale, max_norm=max_norm
    )
    steps["60000 everywhere"] = step(torch.full_like(grad, 60000.0))
    return steps


def sample_tiny_numbers(seed: int) -> dict[str, object]:
    """Numbers on both sides of the smallest subnormal and of half of it."""
    rng = torch.Generator().manual_seed(seed)
    picks = torch.randperm(6, generator=rng)[:4].tolist()
    return {"quarters": [(1, 2, 3, 5, 6, 7)[pick] for pick in sorted(picks)]}


def sample_updates(seed: int) -> dict[str, object]:
    """Powers of two around half the spacing of fp16, above or below 1."""
    rng = torch.Generator().manual_seed(seed)
    return {"sign": 1 if _coin(rng) else -1, "power": -_integer(rng, 10, 13), "steps": 1024}


def sample_running_sum(seed: int) -> dict[str, object]:
    rng = torch.Generator().manual_seed(seed)
    dtype = (torch.float16, torch.bfloat16)[_integer(rng, 0, 1)]
    return {"addend": 2.0 ** _integer(rng, -2, 3), "dtype": dtype, "count": 1000 * _integer(rng, 3, 6)}


if __name__ == "__main__":
    print(claim())
    main()
