"""Ids are readable in both languages, and fit the library's rule whatever the name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studykit.authoring.ids import new_id, slug
from studykit.library.names import ID


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Scaled dot-product attention", "scaled_dot_product_attention"),
        ("The receptive field of a unit", "receptive_field_unit"),
        ("Rotary position embedding (RoPE)", "rotary_position_embedding_rope"),
        ("旋转位置编码（RoPE）", "rope"),
        ("批归一化（Batch Normalization，简称BN）", "batch_normalization_bn"),
        ("Prefill（预填充）", "prefill"),
        ("KL 散度", "kl"),
        ("互斥锁", ""),
        (r"\theta_i", "theta_i"),
        ("θ and φ", "theta_and_phi"),
        (r"\operatorname{softmax}(\mathrm{QK}^\top)", "softmax_qk_top"),
        ("naïve Bayes", "naive_bayes"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full_width"),
        ("`__getattr__`", "getattr"),
        ("x", ""),
        ("42", ""),
        ("", ""),
        ("mask every load and", "mask_every_load"),
        ("Why is the sky blue", "sky_blue"),
        ("what", "what"),
        ("a" * 90, "a" * 40),
    ],
)
def test_names_become_readable_ids(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_ids_that_are_taken_say_what_rule_found_the_card_then_count() -> None:
    taken = {"attention"}
    assert new_id("Attention", "formulas", taken) == "attention_formula"
    taken.add("attention_formula")
    assert new_id("Attention", "formulas", taken) == "attention_formula_2"
    taken.add("attention_formula_2")
    assert new_id("Attention", "formulas", taken) == "attention_formula_3"
    assert new_id("formula", "formulas", {"formula"}) == "formula_2"


def test_a_name_that_gives_nothing_is_counted_by_its_rule() -> None:
    assert new_id("互斥锁", "definitions", set()) == "definition_1"
    assert new_id("信号量", "definitions", {"definition_1", "definition_2"}) == "definition_3"
    assert new_id("某物", "code", set()) == "code_1"


@given(name=st.text(max_size=120), taken=st.sets(st.sampled_from(["a_b", "code", "code_1", "x1"])))
def test_any_name_gives_an_id_that_the_library_accepts(name: str, taken: set[str]) -> None:
    found = new_id(name, "definitions", taken)
    assert ID.fullmatch(found)
    assert found not in taken
    assert new_id(name, "definitions", taken) == found
