from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from correlate.kind_trust import CATALOGUE, KIND_NAMES, load_kind_trust


def test_every_kind_has_its_trust() -> None:
    trust = load_kind_trust()
    assert len(trust.odds) == len(trust.lasting_s) == len(KIND_NAMES)
    assert np.isfinite(trust.odds).all()
    assert (trust.lasting_s > 0).all()


def test_crowds_need_harm_and_days_and_weather_bring_some_kinds_everywhere() -> None:
    trust = load_kind_trust()
    unfelt = dict(zip(KIND_NAMES, trust.unfelt.tolist(), strict=True))
    assert unfelt["crowding"] > unfelt["interference"] > unfelt["cell_lost"] == 0
    shared = {n for n, is_shared in zip(KIND_NAMES, trust.shared, strict=True) if is_shared}
    assert {"transport_errors", "crowding"} <= shared
    assert not shared & {"cell_lost", "interference", "vswr"}


def test_a_kind_without_its_trust_is_named(tmp_path: Path) -> None:
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "kinds.toml"
    path.write_text("\n".join(x for x in lines if not x.startswith("vswr")), encoding="utf-8")
    with pytest.raises(InputError, match="vswr"):
        load_kind_trust(path)


def test_a_strange_value_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kinds.toml"
    content = CATALOGUE.read_text(encoding="utf-8")
    path.write_text(content.replace("vswr = { odds", "vswr = { ods"), encoding="utf-8")
    with pytest.raises(InputError, match="odds.*vswr"):
        load_kind_trust(path)
