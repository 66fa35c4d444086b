"""Episodes are judged as defined."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.errors import MissingColumnsError
from correlate.score_details import Truth
from correlate.score_episodes import (
    episode_figures,
    episode_tables,
    fault_episodes,
    judged_episodes,
    read_episodes,
)
from correlate.score_matching import one_to_one
from correlate.scoring import detail_tables, score_run
from tests.correlate.fake_world import tiny_world, write_pair

DAY = pd.Timestamp("2026-03-02", tz="UTC")
COLUMNS = ["kind", "cause", "cells", "onset_at", "opened_at", "closed_at", "explained_by"]
OUTAGE = ("F1", "site_outage", "A", "A1|A2", True, "08:00", "12:00")
NOISE = ("F2", "external_interference", "B1", "B1", False, "10:00", "20:00")
WORK = ("F3", "planned_work", "C", "C1", False, "01:00", "03:00")


def clock(text: object) -> pd.Timestamp | None:
    """Return a time of the day, None for none."""
    return DAY + pd.Timedelta(f"{text}:00") if isinstance(text, str) else None


def truth(*faults: tuple[str, str, str, str, bool, str, str]) -> Truth:
    """Return faults (id, cause, object, cells, visible, start, end) of sites A, B, C with two cells each."""
    columns = ["fault_id", "cause", "object_id", "cells", "visible", "start", "end"]
    planted = pd.DataFrame(list(faults), columns=columns)
    for name in ("start", "end"):
        planted[name] = pd.Series([clock(t) for t in planted[name]], dtype="datetime64[us, UTC]")
    cells = [f"{site}{number}" for site in "ABC" for number in (1, 2)]
    orders = pd.DataFrame({"created_at": pd.Series([clock("00:30")], dtype="datetime64[us, UTC]")})
    site_of = pd.Series([cell[0] for cell in cells], index=cells)
    return Truth(pd.DataFrame(), planted, orders, site_of, planted["end"].max())


def told(*rows: tuple[str | None, ...], confidence: float = 0.75) -> pd.DataFrame:
    """Return episodes (kind, cause, cells, onset, opened, closed, explained by), named E0, E1, ..."""
    table = pd.DataFrame(list(rows), columns=COLUMNS)
    for name in ("onset_at", "opened_at", "closed_at"):
        table[name] = pd.Series([clock(t) for t in table[name]], dtype="datetime64[us, UTC]")
    for name in ("kind", "cause", "cells", "explained_by"):
        table[name] = table[name].astype("str")
    names = [f"E{number}" for number in range(len(table))]
    return table.assign(episode_id=names, object_id=table["cells"], confidence=confidence)


HEARD = ("noise", "external_interference", "B1", "10:00", "11:20", "20:00", None)
FALSE = ("noise", "external_interference", "C2", "15:00", "16:00", None, None)


def test_the_figures_of_one_found_and_one_false_episode() -> None:
    figures = episode_figures(truth(OUTAGE, NOISE), told(HEARD, FALSE))
    assert figures["episodes"] == 2
    assert figures["episodes_recall"] == figures["episodes_named"] == 1
    assert figures["episodes_recall_all"] == figures["episodes_named_all"] == 0.5
    assert figures["episodes_precision"] == figures["episodes_matched"] == 0.5
    assert figures["episodes_delay_min"] == 80
    assert figures["false_per_1000_cell_days"] == pytest.approx(1 / (6 * 1 / 1000))
    assert figures["confidence_error"] == pytest.approx(0.25)


def test_a_wrong_cause_is_found_but_not_named() -> None:
    wrong = ("noise", "repeater_interference", "B1", "10:00", "11:20", None, None)
    found = fault_episodes(truth(NOISE), told(wrong))
    assert found["outcome"].tolist() == ["misnamed"]
    assert found["is_found"].all()
    assert not found["is_named"].any()


def test_another_cell_of_the_site_is_found_but_not_on_the_cells() -> None:
    beside = ("noise", "external_interference", "B2|A1", "10:00", "11:20", None, None)
    figures = episode_figures(truth(NOISE), told(beside))
    assert figures["episodes_recall"] == 1
    assert figures["episodes_on_cells"] == 0
    assert episode_figures(truth(NOISE), told(HEARD))["episodes_on_cells"] == 1


def test_the_first_opening_counts_even_where_a_longer_episode_stands_for_the_fault() -> None:
    short = ("noise", "external_interference", "B1", "10:00", "10:40", "11:00", None)
    long = ("noise", "external_interference", "B1", "12:00", "14:00", "20:00", None)
    beside = ("noise", "external_interference", "B2", "10:00", "10:10", "10:30", None)
    figures = episode_figures(truth(NOISE), told(short, long, beside))
    assert figures["episodes_delay_min"] == 240
    assert figures["episodes_first_min"] == 40


def test_an_unknown_cause_is_no_name() -> None:
    unknown = ("noise", None, "B1", "10:00", "11:20", None, None)
    assert episode_figures(truth(NOISE), told(unknown))["episodes_named"] == 0


def test_a_second_episode_of_a_fault_is_true_but_stands_for_none() -> None:
    again = ("noise", "external_interference", "B2", "12:00", "13:00", "13:30", None)
    judged = judged_episodes(truth(NOISE), told(HEARD, again))
    assert judged["is_true"].tolist() == [True, True]
    assert judged["is_matched"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("explained", "fault", "outcome"),
    [
        (None, NOISE, "found"),
        ("G-7", NOISE, "explained"),
        ("work", NOISE, "explained"),
        ("E9", NOISE, "explained"),
        ("G-7", ("F2", "external_interference", "B1", "B1", True, "10:00", "20:00"), "found"),
    ],
    ids=["not", "by alarms", "by work", "by no episode known", "by alarms, rightly"],
)
def test_what_is_explained_away_stands_for_what_the_explanation_fits(
    explained: str | None, fault: tuple[str, str, str, str, bool, str, str], outcome: str
) -> None:
    episodes = told((*HEARD[:-1], explained))
    assert fault_episodes(truth(fault), episodes)["outcome"].tolist() == [outcome]


def test_an_episode_explained_by_another_stands_for_nothing() -> None:
    visible = ("F2", "external_interference", "B1", "B1", True, "10:00", "20:00")
    side = ("crowding", None, "B2", "10:00", "11:20", None, "E0")
    found = fault_episodes(truth(visible), told(FALSE, side))
    assert found["outcome"].tolist() == ["explained"]


def test_work_stands_for_planned_work_whatever_the_counters_said() -> None:
    seen = ("cell_lost", "cell_outage", "C1", "01:00", "02:20", "03:00", "work")
    figures = episode_figures(truth(WORK), told(seen))
    assert figures["episodes_named"] == 1
    assert figures["episodes"] == 0
    assert np.isnan(figures["episodes_precision"])


def test_an_episode_that_opens_long_after_the_fault_is_false() -> None:
    late = ("noise", "external_interference", "B1", "21:00", "22:30", None, None)
    assert fault_episodes(truth(NOISE), told(late))["outcome"].tolist() == ["nothing"]
    assert not judged_episodes(truth(NOISE), told(late))["is_true"].any()


def test_one_episode_stands_for_one_fault() -> None:
    other = ("F4", "handover_fault", "B2", "B2", False, "09:00", "20:00")
    assert sorted(fault_episodes(truth(NOISE, other), told(HEARD))["outcome"]) == ["found", "taken"]


def test_pairs_are_matched_best_first() -> None:
    pairs = pd.DataFrame({"left": [1, 0, 0], "right": [4, 4, 3]})
    assert one_to_one(pairs, pd.DataFrame(index=range(3))).tolist() == [3, 4, -1]


def test_no_episode_at_all_gives_figures() -> None:
    figures = episode_figures(truth(OUTAGE, NOISE), told())
    assert figures["episodes"] == figures["episodes_recall"] == 0
    assert figures["false_per_1000_cell_days"] == 0
    assert np.isnan(figures["episodes_delay_min"])


def test_the_tables_say_what_went_wrong() -> None:
    wrong = ("noise", "repeater_interference", "B1", "10:00", "11:20", None, None)
    explained = ("cell_lost", None, "A1", "08:00", "09:20", "12:00", "G-1")
    episodes = told(wrong, FALSE, explained)
    before = episodes.copy()
    tables = episode_tables(truth(OUTAGE, NOISE), episodes, "Asia/Shanghai")
    causes, kinds = tables["episodes by planted cause"], tables["episodes by kind"]
    assert causes.loc[("external_interference", False), "taken_for"] == (
        "noise:repeater_interference 1"
    )
    assert kinds.loc["noise", ["episodes", "false"]].tolist() == [2, 1]
    assert kinds.loc["noise", "behind"] == "external_interference 1"
    assert kinds.loc["cell_lost", ["episodes", "explained"]].tolist() == [0, 1]
    assert tables["confidence of episodes"].loc[7, "gap"] == -0.25
    missed = tables["hidden faults missed by episodes"]
    assert missed[["fault_id", "outcome", "kind"]].to_numpy().tolist() == [
        ["F2", "misnamed", "noise"]
    ]
    pd.testing.assert_frame_equal(episodes, before)


def test_forms_of_a_cause_are_told_apart() -> None:
    world = truth(NOISE)
    formed = replace(world, faults=world.faults.assign(form="all_day"))
    causes = episode_tables(formed, told(HEARD), "UTC")["episodes by planted cause"]
    assert causes.index.tolist() == [("external_interference all_day", False)]


def test_figures_appear_only_where_a_run_wrote_episodes(tmp_path: Path) -> None:
    world, out = write_pair(tiny_world(), tmp_path)
    assert read_episodes(out, "UTC") is None
    assert "episodes_recall" not in score_run(world, out)
    heard = ("noise", "external_interference", "B1", "10:00", "11:20", None, None)
    (out / "daybook").mkdir()
    table = told(heard)
    shift = pd.Timedelta("8h")  # the tiny world writes local times
    for name in ("onset_at", "opened_at"):
        table[name] = table[name] - shift
    table.to_parquet(out / "daybook" / "episodes.parquet")
    assert score_run(world, out)["episodes_named"] == 1
    assert "episodes by kind" in detail_tables(world, out)


def test_a_table_of_episodes_without_confidence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "daybook").mkdir()
    told(HEARD).drop(columns="confidence").to_csv(tmp_path / "daybook" / "episodes.csv")
    with pytest.raises(MissingColumnsError, match="confidence"):
        read_episodes(tmp_path, "UTC")


def test_episodes_are_read_alike_from_csv_and_parquet(tmp_path: Path) -> None:
    for suffix in ("csv", "parquet"):
        (tmp_path / suffix / "daybook").mkdir(parents=True)
    table = told(HEARD, FALSE)
    table.to_csv(tmp_path / "csv" / "daybook" / "episodes.csv", index=False)
    table.to_parquet(tmp_path / "parquet" / "daybook" / "episodes.parquet")
    one, other = (read_episodes(tmp_path / suffix, "UTC") for suffix in ("csv", "parquet"))
    assert one is not None
    pd.testing.assert_frame_equal(one, other)
