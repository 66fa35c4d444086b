"""The catalogue beside the dossier it was made from: nothing of it is missing, nothing is claimed beyond it."""

import re
from pathlib import Path

import pandas as pd
import pytest

from alarms.catalogue import CATALOGUE_FILE
from alarms.entries import name_key

DOSSIER = Path(__file__).resolve().parents[3] / "shared" / "domain.md"
ALARMS_OF_A_CAUSE = re.compile(r"\balm: (.*?)(?= kpi:|$)", re.MULTILINE)
NUMBER = re.compile(r"(?<![\d.])(\d{4,9})(?:-(\d{4,9}))?(?![\d.])")
# "(25622 v)", "name v, 26200 u", "7704 PCM FAILURE(u number, name v)", "7650 BASE STATION FAULTY (v)".
FLAGGED = re.compile(
    r"(?<!\d)(?P<number>\d{3,9})(?: Major)?"
    r"(?: (?P<beside>[uv])\b(?! number)|[A-Z &]{4,}\((?P<behind>[uv]) number)"
)
# A name as the dossier writes it: English words with a capital first, capitals, or Chinese.
ENGLISH = (
    r"[A-Z][\w/&.-]*(?: (?:[A-Z(][\w/&).-]*|x|of|in|on|is|from|and|between|by|to|sub|module))*"
)
CHINESE = r"[A-Za-z0-9/ -]*[\u4e00-\u9fff][\w/ \u4e00-\u9fff]*"
FRAGMENT = re.compile(rf"{CHINESE}|{ENGLISH}")
# Fragments of sentences, abbreviations, headings and warnings, no alarms; forms that stand for
# several names are written out in the catalogue.
NO_ALARM = {
    "nok", "zte", "zte/eri", "eri", "huawei", "ericsson", "nms", "pcu", "bsc", "ids", "names", "number",
    "other", "causes",
    "derived", "filter", "omch", "sdcch", "bcsu", "abis", "mbcch", "c03", "hw trx", "transport nms", "nokia bss",
    "nokia sran", "nokia sbts/lte/wcdma", "a-interface", "tch on", "cpri and sctp", "alarm", "ids e.g", "c01-c10",
    "external al x u", "operation degraded v", "high/excessive", "tch interference v", "connectivity lost/degraded",
    "rx rtwp/rssi too low", "gnss天馈链路/搜星 198096836/198096837",
    "mme衍生基站/小区退服", "上网/语音类常驻小区投诉预警",
    "repeater/干放 alarms", "工程态/下线", "隐性故障", "射频单元异常", "an operator to 基站中断", "alm-4122",
    "RRC.ConnEstabFaileNBCause.EnergySaving.", "alm-25888 ul interference", "alm-26235 rf unit optical module fault",
}  # fmt: skip


@pytest.fixture(scope="module")
def dossier() -> str:
    if not DOSSIER.exists():
        pytest.skip("the dossier is not beside the checkout")
    return DOSSIER.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pd.read_csv(CATALOGUE_FILE, dtype=str, keep_default_na=False)


def told(dossier: str) -> str:
    """Return what the dossier says of alarms: the `alm` lines of the causes and section 2.3."""
    causes = dossier[dossier.index("## 2.1 ") : dossier.index("## 2.2 ")]
    numbers = dossier[dossier.index("## 2.3 ") : dossier.index("## 2.4 ")]
    return "\n".join(ALARMS_OF_A_CAUSE.findall(causes)) + "\n" + numbers


def test_every_number_of_the_dossier_is_listed(dossier: str, rows: pd.DataFrame) -> None:
    found: set[str] = set()
    for first, last in NUMBER.findall(re.sub(r"`[^`]*`", "", told(dossier))):
        found |= {str(number) for number in range(int(first), int(last or first) + 1)}
    assert len(found) > 100
    assert sorted(found - set(rows["code"])) == []


def test_every_number_is_verified_as_the_dossier_tags_it(dossier: str, rows: pd.DataFrame) -> None:
    flags = {
        match["number"]: match["beside"] or match["behind"]
        for match in FLAGGED.finditer(re.sub(r"`[^`]*`", "", told(dossier)))
    }
    assert len(flags) > 50
    listed = rows[rows["code"].isin(list(flags))]
    wrong = listed[listed["code_verified"] != listed["code"].map(flags)]
    assert wrong[["code", "name", "code_verified"]].to_numpy().tolist() == []


def test_every_name_of_the_dossier_is_listed(dossier: str, rows: pd.DataFrame) -> None:
    listed = [name_key(name) for name in rows["name"] if name]
    plain = re.sub(r"`[^`]*`|\((?:[uv] )?names?\b.*?\)", "", told(dossier))
    excused = {name_key(fragment) for fragment in NO_ALARM}
    lost = {
        fragment.strip()
        for fragment in FRAGMENT.findall(plain)
        if len(key := name_key(fragment)) >= 3
        and key not in excused
        and not any(key in name or name in key for name in listed)
    }
    assert sorted(lost) == []


def test_no_number_is_called_verified_that_the_dossier_lacks(
    dossier: str, rows: pd.DataFrame
) -> None:
    found: set[str] = set()
    for first, last in re.findall(r"(?<!\d)(\d{3,9})(?:-(\d{3,9}))?(?!\d)", dossier):
        if int(last or first) - int(first) < 1000:
            found |= {str(number) for number in range(int(first), int(last or first) + 1)}
    claimed = rows.loc[rows["code"] != "", "code"]
    assert sorted(set(claimed) - found) == []


def test_no_name_is_called_verified_that_only_a_rendering_gives(rows: pd.DataFrame) -> None:
    assert set(rows.loc[rows["source"] == "translation", "verified"]) == {"u"}
