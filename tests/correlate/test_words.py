import numpy as np
import pandas as pd

from correlate.words import learn_words, without_places, word_likelihoods

SHORTHAND = pd.Series(["zz码不良 用户反映", "dd码不良 用户反映"] * 20)
CAUSES = pd.Series(["trx_fault", "low_power"] * 20)


def test_shorthand_of_the_operator_is_learned() -> None:
    model = learn_words(SHORTHAND, CAUSES)
    ratios = word_likelihoods(model, pd.Series(["zz码不良"], index=["t"])).loc["t"]
    assert ratios["trx_fault"] > ratios["low_power"]
    assert ratios.abs().max() <= 4.0


def test_how_common_a_cause_is_does_not_count() -> None:
    texts = pd.Series(["用户来电"] * 30)
    causes = pd.Series(["trx_fault"] * 24 + ["low_power"] * 6)
    ratios = word_likelihoods(learn_words(texts, causes), pd.Series(["用户来电"])).iloc[0]
    assert abs(ratios["trx_fault"] - ratios["low_power"]) < 0.1


def test_a_cause_with_two_examples_is_left_alone() -> None:
    texts = pd.concat([SHORTHAND, pd.Series(["怪事怪事"] * 2)], ignore_index=True)
    causes = pd.concat([CAUSES, pd.Series(["sync_fault"] * 2)], ignore_index=True)
    ratios = word_likelihoods(learn_words(texts, causes), pd.Series(["怪事怪事"]))
    assert ratios["sync_fault"].tolist() == [0.0]


def test_few_orders_say_little() -> None:
    few = word_likelihoods(learn_words(SHORTHAND[:8], CAUSES[:8]), SHORTHAND[:1])
    many = word_likelihoods(learn_words(SHORTHAND, CAUSES), SHORTHAND[:1])
    assert 0 < few["trx_fault"].iloc[0] < many["trx_fault"].iloc[0]


def test_without_orders_the_words_abstain() -> None:
    model = learn_words(
        pd.Series(["没信号"] * 4), pd.Series(["unknown", None, "no_such", "low_power"])
    )
    assert model.causes == ()
    assert not word_likelihoods(model, pd.Series(["没信号"])).to_numpy().any()
    with_profile = word_likelihoods(model, pd.Series(["没信号"]), with_profile=True).iloc[0]
    assert with_profile["site_outage"] > with_profile["value_added_service"]


def test_learning_twice_gives_the_same_and_starting_from_the_last_model_nearly() -> None:
    first, second = learn_words(SHORTHAND, CAUSES), learn_words(SHORTHAND, CAUSES)
    np.testing.assert_array_equal(first.weights, second.weights)
    warm = learn_words(SHORTHAND, CAUSES, previous=first)
    np.testing.assert_allclose(warm.weights, first.weights, atol=0.02)


def test_index_is_kept_and_input_unchanged() -> None:
    texts, causes = SHORTHAND.copy(), CAUSES.copy()
    ratios = word_likelihoods(learn_words(texts, causes), pd.Series(["a", None], index=[7, 3]))
    assert ratios.index.tolist() == [7, 3]
    assert len(ratios.columns) == 41
    pd.testing.assert_series_equal(texts, SHORTHAND)
    pd.testing.assert_series_equal(causes, CAUSES)


def test_no_texts_give_an_empty_table() -> None:
    model = learn_words(pd.Series([], dtype="str"), pd.Series([], dtype="str"))
    assert word_likelihoods(model, pd.Series([], dtype="str")).empty


def test_places_and_numbers_are_removed() -> None:
    texts = pd.Series(
        ["用户199****6439反映在大理银桥镇双阳村没信号", "calls drop at Holmover Close block 2"]
    )
    addresses = pd.Series(["银桥镇双阳村", "Holmover Close block 2"])
    stripped = without_places(texts, addresses, pd.Series(["大理", None]))
    assert "双阳" not in stripped[0]
    assert "6439" not in stripped[0]
    assert "没信号" in stripped[0]
    assert "holmover" not in stripped[1]
    assert "calls drop" in stripped[1]


def test_orders_without_a_word_teach_nothing() -> None:
    model = learn_words(pd.Series(["-"] * 40), CAUSES)
    assert model.causes == ()
