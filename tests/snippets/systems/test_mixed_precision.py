"""Mixed precision against `struct` and exact fractions, torch's float facts, autograd and optimizers."""

import bisect
import math
import struct
from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

pytestmark = pytest.mark.usefixtures("untouched_torch")

Loader = Callable[[str], ModuleType]
F64 = torch.float64
FORMATS = (torch.float16, torch.bfloat16, torch.float32, F64)


@pytest.fixture(scope="module")
def mp(load_snippet: Loader) -> ModuleType:
    return load_snippet("systems/mixed_precision")


def rand(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=F64).to(dtype)


def half_of(bits: int) -> float:
    """What Python's `struct` reads in an fp16 pattern."""
    (value,) = struct.unpack("<e", struct.pack("<H", bits))
    return float(value)


ALL_HALVES = [Fraction(half_of(bits)) for bits in range(0x7C00)]
"""Every non-negative finite fp16 number, in order."""


def rounded_to_half(x: Fraction) -> Fraction:
    """Round a number from 0 to 65504 by looking it up among all fp16 numbers; a tie to the even pattern."""
    above = bisect.bisect_left(ALL_HALVES, x)
    below = max(above - 1, 0)
    to_above, to_below = ALL_HALVES[above] - x, x - ALL_HALVES[below]
    if to_above != to_below:
        return ALL_HALVES[above if to_above < to_below else below]
    return ALL_HALVES[above if above % 2 == 0 else below]


# Formats


@pytest.mark.parametrize("dtype", FORMATS)
def test_facts_equal_those_of_torch(mp: ModuleType, dtype: torch.dtype) -> None:
    facts, info = mp.float_facts(dtype), torch.finfo(dtype)
    assert list(facts) == ["exponent_bits", "mantissa_bits", "eps", "max", "min_normal", "min_subnormal"]
    assert (facts["eps"], facts["max"], facts["min_normal"]) == (info.eps, info.max, info.smallest_normal)
    assert facts["exponent_bits"] + facts["mantissa_bits"] + 1 == info.bits


@pytest.mark.parametrize("dtype", FORMATS)
def test_the_smallest_subnormal_is_the_one_after_zero(mp: ModuleType, dtype: torch.dtype) -> None:
    integers = {2: torch.int16, 4: torch.int32, 8: torch.int64}
    after_zero = torch.tensor([1], dtype=integers[dtype.itemsize]).view(dtype)
    assert mp.float_facts(dtype)["min_subnormal"] == float(after_zero.double()) > 0


def test_facts_by_hand(mp: ModuleType) -> None:
    assert mp.float_facts(torch.float16) == {
        "exponent_bits": 5,
        "mantissa_bits": 10,
        "eps": 2**-10,
        "max": 65504,
        "min_normal": 2**-14,
        "min_subnormal": 2**-24,
    }


@pytest.mark.parametrize("dtype", [torch.int16, torch.bool, torch.complex64])
def test_facts_refuse_other_dtypes(mp: ModuleType, dtype: torch.dtype) -> None:
    with pytest.raises(TypeError, match="dtype"):
        mp.float_facts(dtype)


def test_decoding_equals_struct_for_every_pattern(mp: ModuleType) -> None:
    for bits in range(2**16):
        expected, got = half_of(bits), mp.decode_half(f"{bits:016b}")
        assert got == expected or (math.isnan(got) and math.isnan(expected)), f"{bits:016b}"
    assert math.copysign(1, mp.decode_half("1" + "0" * 15)) == -1


def test_decoding_by_hand_and_with_spaces(mp: ModuleType) -> None:
    assert mp.decode_half("1 10001 0100000000") == -5
    assert mp.decode_half("0 00000 0000000001") == 2**-24


@pytest.mark.parametrize("bits", ["", "0" * 15, "0" * 17, "2" + "0" * 15])
def test_decoding_refuses_other_patterns(mp: ModuleType, bits: str) -> None:
    with pytest.raises(ValueError, match="bits"):
        mp.decode_half(bits)


def test_sums_are_rounded_to_the_nearest_even_half(mp: ModuleType) -> None:
    assert [mp.half_sum(2048, b) for b in (1, 2, 3, 4, 5)] == [2048, 2050, 2052, 2052, 2052]
    for seed in range(20):
        sample = mp.sample_half_sum(seed)
        exact = Fraction(sample["a"]) + Fraction(sample["b"])
        assert Fraction(mp.half_sum(**sample)) == rounded_to_half(exact)


# Underflow


@pytest.mark.parametrize("power", range(-28, -20))
@pytest.mark.parametrize("factor", [Fraction(1), Fraction(5, 4), Fraction(3, 2), Fraction(7, 4)])
def test_underflow_agrees_with_exact_rounding(mp: ModuleType, power: int, factor: Fraction) -> None:
    exact = factor * Fraction(2) ** power
    x = torch.tensor([float(exact), 0.0], dtype=F64)
    assert mp.underflow_fraction(x) == float(rounded_to_half(exact) == 0)
    assert mp.underflow_fraction(-x / 1024, scale=1024.0) == float(rounded_to_half(exact) == 0)


def test_underflow_counts_entries_that_are_not_zero(mp: ModuleType) -> None:
    x = torch.tensor([[0, 1e-9, 1.0], [0, -1e-9, -1e-9]])
    assert mp.underflow_fraction(x) == 0.75
    assert mp.underflow_fraction(x, torch.bfloat16) == 0.0
    assert mp.underflow_fraction(x, scale=1024.0) == 0.0
    assert mp.underflow_fraction(x, torch.float32, scale=1e-38) == 0.75


@pytest.mark.parametrize("x", [torch.zeros(3), torch.zeros(0), torch.zeros(())])
def test_nothing_underflows_where_there_is_nothing(mp: ModuleType, x: Tensor) -> None:
    assert mp.underflow_fraction(x) == 0.0


def test_what_underflow_refuses(mp: ModuleType) -> None:
    with pytest.raises(TypeError, match="x must"):
        mp.underflow_fraction(torch.ones(2, dtype=torch.int64))
    with pytest.raises(TypeError, match="dtype"):
        mp.underflow_fraction(torch.ones(2), torch.int16)
    for scale in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="scale"):
            mp.underflow_fraction(torch.ones(2), scale=scale)


def test_the_rescuing_scale_is_the_smallest(mp: ModuleType) -> None:
    for seed in range(20):
        gradient = mp.sample_rescue_scale(seed)["gradient"]
        scale = mp.rescue_scale(gradient)
        assert math.log2(scale).is_integer()
        assert torch.tensor(gradient * scale).half() != 0
        assert torch.tensor(gradient * scale / 2).half() == 0
    assert mp.rescue_scale(-1.0) == 1
    assert mp.rescue_scale(2.0**-25) == 2
    for gradient in (0.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="gradient"):
            mp.rescue_scale(gradient)


# The scaler


def test_a_scaled_loss_scales_every_gradient(mp: ModuleType) -> None:
    x, w = rand(4, 3, dtype=torch.float32), rand(3, 2, seed=1, dtype=torch.float32).requires_grad_()
    scaler = mp.LossScaler(1024.0)

    def loss() -> Tensor:
        return (x @ w).tanh().pow(2).mean()

    (plain,) = torch.autograd.grad(loss(), w)
    (scaled,) = torch.autograd.grad(scaler.scale(loss()), w)
    assert torch.equal(scaled, 1024 * plain)
    (true,), found_inf = scaler.unscale([scaled])
    assert torch.equal(true, plain)
    assert found_inf is False


def test_a_half_precision_loss_does_not_overflow_by_being_scaled(mp: ModuleType) -> None:
    scaled = mp.LossScaler().scale(torch.tensor(2.0, dtype=torch.float16))
    assert scaled.item() == 131072
    assert mp.LossScaler().scale(torch.tensor(2.0, dtype=F64)).dtype == F64


def test_unscaled_gradients_are_fp32(mp: ModuleType) -> None:
    smallest = torch.tensor([2.0**-24], dtype=torch.float16)
    grads, found_inf = mp.LossScaler(2.0**20).unscale([smallest, rand(2, 3, dtype=torch.bfloat16)])
    assert [grad.dtype for grad in grads] == [torch.float32] * 2
    assert grads[0].item() == 2.0**-44
    assert found_inf is False
    assert mp.LossScaler().unscale([]) == ([], False)


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("place", [0, 1])
def test_one_bad_entry_anywhere_is_found(mp: ModuleType, bad: float, place: int) -> None:
    grads = [rand(2, 2, dtype=torch.float16), rand(3, dtype=torch.float16)]
    grads[place].view(-1)[1] = bad
    copies = [grad.clone() for grad in grads]
    assert mp.LossScaler().unscale(grads)[1] is True
    assert all(torch.equal(a, b) or bool(a.isnan().any()) for a, b in zip(grads, copies, strict=True))


def test_the_scale_by_hand(mp: ModuleType) -> None:
    scaler = mp.LossScaler(8.0, growth_interval=3)
    seen = []
    for overflow in (False, False, False, False, True, False, False, True, True, False, False, False):
        scaler.update(overflow)
        seen.append((scaler.scale_value, scaler.good_steps))
    assert seen == [
        (8, 1),
        (8, 2),
        (16, 0),
        (16, 1),
        (8, 0),
        (8, 1),
        (8, 2),
        (4, 0),
        (2, 0),
        (2, 1),
        (2, 2),
        (4, 0),
    ]


@pytest.mark.parametrize("interval", [1, 3, 7])
def test_the_scale_follows_torchs_own_scaler(mp: ModuleType, interval: int) -> None:
    rng = torch.Generator().manual_seed(interval)
    scaler = mp.LossScaler(2.0**10, growth_interval=interval, growth_factor=4.0, backoff_factor=0.25)
    scale, tracker = torch.tensor([2.0**10]), torch.zeros(1, dtype=torch.int32)
    for found in (torch.rand(60, generator=rng) < 0.15).tolist():
        torch._amp_update_scale_(scale, tracker, torch.tensor([float(found)]), 4.0, 0.25, interval)
        scaler.update(found)
        assert (scaler.scale_value, scaler.good_steps) == (scale.item(), tracker.item())


def test_the_usual_settings(mp: ModuleType) -> None:
    scaler = mp.LossScaler()
    assert (scaler.scale_value, scaler.good_steps) == (65536.0, 0)
    for _ in range(1999):
        scaler.update(False)
    assert (scaler.scale_value, scaler.good_steps) == (65536.0, 1999)
    scaler.update(False)
    assert (scaler.scale_value, scaler.good_steps) == (131072.0, 0)
    scaler.update(True)
    assert scaler.scale_value == 65536.0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"init_scale": 0.0}, "init_scale"),
        ({"init_scale": -1.0}, "init_scale"),
        ({"growth_factor": 1.0}, "growth_factor"),
        ({"backoff_factor": 0.0}, "backoff_factor"),
        ({"backoff_factor": 1.0}, "backoff_factor"),
        ({"growth_interval": 0}, "growth_interval"),
    ],
)
def test_the_scaler_refuses_bad_settings(mp: ModuleType, arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        mp.LossScaler(**arguments)


def test_the_scale_after_a_list_of_overflows(mp: ModuleType) -> None:
    assert mp.scale_after(1024, [False, False, True, False, False, False], 2) == 2048
    assert mp.scale_after(1024, [False, True, False], 2) == 512


# Steps


def test_a_step_equals_torchs_sgd_on_true_gradients(mp: ModuleType) -> None:
    master, grad = rand(3, 4, dtype=torch.float32), rand(3, 4, seed=1, dtype=torch.float16)
    parameter = torch.nn.Parameter(master.clone())
    parameter.grad = grad.float() / 256
    torch.optim.SGD([parameter], lr=0.3).step()
    for dtype in (torch.float16, torch.bfloat16):
        updated, copy = mp.master_weight_sgd(master, grad, 0.3, loss_scale=256.0, dtype=dtype)
        torch.testing.assert_close(updated, parameter.detach(), atol=1e-7, rtol=1e-6)
        assert updated.dtype == torch.float32
        assert torch.equal(copy, updated.to(dtype))
        assert copy.dtype == dtype


def test_the_master_remembers_what_the_copy_cannot_show(mp: ModuleType) -> None:
    master, grad = torch.ones(()), torch.tensor(-1.0, dtype=torch.float16)
    first, copy = mp.master_weight_sgd(master, grad, 1e-4)
    assert copy == 1
    assert first > 1
    for _ in range(99):
        master, copy = mp.master_weight_sgd(master, grad, 1e-4)
    assert copy.item() == pytest.approx(1.01, abs=1e-3)


def test_steps_leave_their_arguments_alone(mp: ModuleType) -> None:
    master, grad = rand(3, dtype=torch.float32), rand(3, seed=1, dtype=torch.float16)
    copies = master.clone(), grad.clone()
    mp.master_weight_sgd(master, grad, 0.1)
    mp.clipped_sgd_step(master, grad, 0.1, loss_scale=2.0, max_norm=0.1)
    grad[0] = math.inf
    mp.clipped_sgd_step(master, grad, 0.1, loss_scale=2.0, max_norm=0.1).add_(1)
    assert torch.equal(master, copies[0])
    assert torch.equal(grad[1:], copies[1][1:])


def test_a_step_refuses_bad_calls(mp: ModuleType) -> None:
    master, grad = torch.ones(3), torch.ones(3).half()
    with pytest.raises(TypeError, match="master"):
        mp.master_weight_sgd(master.half(), grad, 0.1)
    with pytest.raises(TypeError, match="master"):
        mp.master_weight_sgd(master.double(), grad, 0.1)
    with pytest.raises(TypeError, match="grad"):
        mp.master_weight_sgd(master, grad.int(), 0.1)
    with pytest.raises(TypeError, match="dtype"):
        mp.master_weight_sgd(master, grad, 0.1, dtype=torch.int16)
    with pytest.raises(ValueError, match="grad"):
        mp.master_weight_sgd(master, grad[:1], 0.1)
    with pytest.raises(ValueError, match="loss_scale"):
        mp.master_weight_sgd(master, grad, 0.1, loss_scale=0.0)


@pytest.mark.parametrize("max_norm", [0.1, 100.0])
def test_clipping_equals_torchs_on_true_gradients(mp: ModuleType, max_norm: float) -> None:
    master, grad = rand(5, dtype=torch.float32), (512 * rand(5, seed=1)).half()
    parameter = torch.nn.Parameter(master.clone())
    parameter.grad = grad.float() / 512
    torch.nn.utils.clip_grad_norm_([parameter], max_norm)
    torch.optim.SGD([parameter], lr=0.5).step()
    got = mp.clipped_sgd_step(master, grad, 0.5, loss_scale=512.0, max_norm=max_norm)
    torch.testing.assert_close(got, parameter.detach(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_an_overflow_changes_no_weight(mp: ModuleType, bad: float) -> None:
    master, grad = torch.ones(3), torch.tensor([1.0, bad, 2.0]).half()
    assert torch.equal(mp.clipped_sgd_step(master, grad, 0.5, loss_scale=2.0, max_norm=1.0), master)


def test_a_gradient_of_zero_moves_nothing(mp: ModuleType) -> None:
    got = mp.clipped_sgd_step(torch.ones(2), torch.zeros(2).half(), 0.5, loss_scale=2.0, max_norm=1.0)
    assert got.tolist() == [1, 1]


def test_steps_stay_on_their_device(mp: ModuleType) -> None:
    master, grad = torch.ones(3, device="meta"), torch.ones(3, device="meta", dtype=torch.float16)
    assert {x.device.type for x in mp.master_weight_sgd(master, grad, 0.1)} == {"meta"}


# Memory


@pytest.mark.parametrize(("optimizer", "expected"), [("sgd", 8), ("momentum", 12), ("adam", 16)])
def test_bytes_are_the_same_either_way(mp: ModuleType, optimizer: str, expected: int) -> None:
    assert mp.training_bytes_per_parameter(optimizer) == expected
    assert mp.training_bytes_per_parameter(optimizer, mixed=False) == expected
    assert mp.training_bytes_per_parameter() == 16


@pytest.mark.parametrize(
    ("optimizer", "options"), [("sgd", {}), ("momentum", {"momentum": 0.9}), ("adam", {})]
)
def test_bytes_of_pure_fp32_equal_what_torch_allocates(
    mp: ModuleType, optimizer: str, options: dict[str, float]
) -> None:
    parameter = torch.nn.Parameter(torch.ones(1000))
    parameter.grad = torch.ones(1000)
    torchs: Any = torch.optim.Adam if optimizer == "adam" else torch.optim.SGD
    optim = torchs([parameter], lr=0.1, **options)
    optim.step()
    state = [x for x in optim.state[parameter].values() if isinstance(x, Tensor) and x.numel() == 1000]
    allocated = sum(x.numel() * x.element_size() for x in [parameter, parameter.grad, *state])
    assert mp.training_bytes_per_parameter(optimizer, mixed=False) == allocated / 1000


def test_bytes_refuse_an_unknown_optimizer(mp: ModuleType) -> None:
    with pytest.raises(ValueError, match="optimizer"):
        mp.training_bytes_per_parameter("lion")


# The claim


@pytest.mark.parametrize("seed", range(5))
def test_the_claim_holds_and_is_deterministic(mp: ModuleType, seed: int) -> None:
    result = mp.claim(seed)
    assert result["passed"] is True
    assert result == mp.claim(seed)
    measured = result["measured"]
    assert list(measured) == [
        "fp16_update",
        "master",
        "underflow_plain",
        "underflow_scaled",
        "skipped",
        "log2_scale",
    ]
    assert all(type(value) is float for value in measured.values())
    assert measured["fp16_update"] == 0
    assert measured["master"] == pytest.approx(1.1, abs=2e-3)
    assert measured["underflow_plain"] > 0.4
    assert measured["underflow_scaled"] < 0.01
    assert measured["skipped"] < 40
    assert measured["log2_scale"].is_integer()


def test_main_is_short(mp: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    mp.main()
    assert 1 <= len(capsys.readouterr().out.splitlines()) <= 10


def test_the_picture_has_a_dip_between_two_losses(mp: ModuleType) -> None:
    zeros, infinities = mp.picture().values()
    assert len(zeros) == len(infinities) == 41
    assert zeros == sorted(zeros, reverse=True)
    assert infinities == sorted(infinities)
    assert zeros[0] > 0.1
    assert infinities[-1] > 0.1


# The numbers of the article


def test_the_numbers_of_the_article(mp: ModuleType) -> None:
    assert math.isinf(torch.tensor(300.0).half().square().item())
    assert math.e**12 > 65504 > math.e**11
    assert 7 * mp.training_bytes_per_parameter("adam") == 112
    facts = {dtype: mp.float_facts(dtype) for dtype in FORMATS}
    assert [f"{facts[dtype]['max']:.2e}" for dtype in FORMATS] == [
        "6.55e+04",
        "3.39e+38",
        "3.40e+38",
        "1.80e+308",
    ]
    normal = [math.log2(facts[dtype]["min_normal"]) for dtype in FORMATS]
    subnormal = [math.log2(facts[dtype]["min_subnormal"]) for dtype in FORMATS]
    assert normal == [-14, -126, -126, -1022]
    assert subnormal == [-24, -133, -149, -1074]


@pytest.mark.parametrize(("dtype", "stall"), [(torch.float16, 2048), (torch.bfloat16, 256)])
def test_counting_stalls(dtype: torch.dtype, stall: int) -> None:
    total = torch.tensor(0.0, dtype=dtype)
    for _ in range(stall + 50):
        total = total + 1
    assert total.item() == stall


def test_products_of_halves_are_exact_in_fp32() -> None:
    a, b = (rand(2000, seed=seed, dtype=torch.float16) for seed in (0, 1))
    assert torch.equal((a.float() * b.float()).double(), a.double() * b.double())
