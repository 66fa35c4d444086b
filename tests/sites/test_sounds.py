"""Names that sound alike are written alike."""

from pathlib import Path

import pytest

from contract.errors import InputError
from sites.sounds import Sounds, abbreviated, load_sounds, sound_of


@pytest.fixture(scope="module")
def sounds() -> Sounds:
    return load_sounds()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("阳光花园", "杨光花园", id="same-syllable"),
        pytest.param("张家湾", "脏家湾", id="zh-z"),
        pytest.param("车站", "侧站", id="ch-c"),
        pytest.param("上寨", "散寨", id="sh-s-and-ang-an"),
        pytest.param("南坪", "蓝品", id="n-l-and-ing-in"),
        pytest.param("红星", "洪兴", id="tones"),
        pytest.param("thornbury", "tornberry", id="th-and-vowels"),
        pytest.param("whitcombe", "wittcomb", id="wh-and-doubled"),
        pytest.param("knighton", "niton", id="silent"),
    ],
)
def test_homophones_are_one(sounds: Sounds, one: str, other: str) -> None:
    assert sound_of(one, sounds) == sound_of(other, sounds)


@pytest.mark.parametrize(
    ("one", "other"), [("大石", "大河"), ("fernover", "fernford"), ("阳光", "月光")]
)
def test_other_sounds_stay_apart(sounds: Sounds, one: str, other: str) -> None:
    assert sound_of(one, sounds) != sound_of(other, sounds)


def test_a_syllable_is_one_letter(sounds: Sounds) -> None:
    assert len(sound_of("大石桥村", sounds)) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [("st mary's x", "saint marys cross"), ("mt pleasant rd", "mount pleasant road")],
)
def test_short_forms_of_usual_words_are_one(sounds: Sounds, one: str, other: str) -> None:
    assert abbreviated(one, sounds) == abbreviated(other, sounds)


@pytest.mark.parametrize(
    ("content", "needed"), [("rows = 3 [", "TOML"), ("[initials]\nrows = []", "verified")]
)
def test_a_bad_file_is_one_clear_error(tmp_path: Path, content: str, needed: str) -> None:
    path = tmp_path / "sounds.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=needed):
        load_sounds(path)
