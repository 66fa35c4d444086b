from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.causes import CAUSES
from contract.errors import InputError
from correlate.lexicon import load_lexicon
from correlate.profiles import load_profiles, symptom_log_likelihood
from correlate.symptoms import read_symptoms

LEXICON = load_lexicon()
PROFILES = load_profiles(LEXICON.codes)


def likelihood(text: str) -> dict[str, float]:
    stated = read_symptoms(pd.Series([text]), LEXICON)
    return dict(zip(PROFILES.causes, symptom_log_likelihood(stated, PROFILES)[0], strict=True))


def test_causes_are_those_of_the_contract_in_its_order() -> None:
    assert PROFILES.causes == tuple(CAUSES)


def test_symptoms_of_a_cause_sum_to_one() -> None:
    np.testing.assert_allclose(PROFILES.symptoms.sum(axis=1), 1.0)


@pytest.mark.parametrize(
    ("text", "likely", "unlikely"),
    [
        ("长期以来信号弱", "weak_coverage", "site_outage"),
        ("突然没信号了,全村都这样", "power_failure", "account_barred"),
        ("不能上网,周围朋友能上", "account_barred", "data_link_fault"),
        ("打不通提示网络忙", "voice_congestion", "weak_coverage"),
        ("短信能收不能发,只有我一个", "sms_centre_setting", "sms_centre_fault"),
        ("听到别人说话", "transcoder_fault", "voice_congestion"),
        ("drops when driving on the motorway", "handover_fault", "indoor_coverage"),
        ("charged for a service I never ordered", "value_added_service", "site_outage"),
        ("地下室一直信号不好", "indoor_coverage", "antenna_moved"),
    ],
)
def test_the_table_of_the_customers_texts_holds(text: str, likely: str, unlikely: str) -> None:
    weighed = likelihood(text)
    assert weighed[likely] > weighed[unlikely] + 0.5


def test_a_wrong_reading_is_not_fatal() -> None:
    assert min(likelihood("听到别人说话").values()) > -4.5


def test_silence_and_the_unknown_cause_weigh_nothing() -> None:
    assert set(likelihood("请核实处理").values()) == {0.0}
    assert likelihood("没信号")["unknown"] == 0.0


def test_input_is_unchanged() -> None:
    stated = read_symptoms(pd.Series(["没信号", "上网慢"]), LEXICON)
    before = stated.copy()
    assert symptom_log_likelihood(stated, PROFILES).shape == (2, 41)
    pd.testing.assert_frame_equal(stated, before)


def test_a_users_file_changes_a_profile(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        "[causes.low_power]\nsymptoms = { XTALK = 'strong' }\nflags = {}\n"
        "source = 'own'\nverified = true\n"
    )
    own = load_profiles(LEXICON.codes, file)
    assert own.symptoms.loc["low_power", "XTALK"] > PROFILES.symptoms.loc["low_power", "XTALK"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "[causes.gremlins]\nsymptoms = {}\nflags = {}\nsource = 'own'\nverified = true\n",
            "unknown causes",
        ),
        (
            "[causes.low_power]\nsymptoms = { WEAK = 'often' }\nflags = {}\n"
            "source = 'own'\nverified = true\n",
            "degree",
        ),
        ("[causes.low_power]\nsymptoms = {}\n", "lacks"),
    ],
    ids=["cause", "degree", "source"],
)
def test_a_faulty_users_file_is_explained(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(content)
    with pytest.raises(InputError, match=message):
        load_profiles(LEXICON.codes, file)
