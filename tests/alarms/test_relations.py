"""Relations are found where they are, in the right direction, whatever the order of the rows."""

import numpy as np
import pandas as pd
import pytest

from alarms.relations import learned_relations, relation_strength
from contract.errors import MissingColumnsError

COLUMNS = ["cause_code", "effect_code", "lag_s", "strength"]
PLAIN = 0.05
BEGIN = pd.Timestamp("2026-03-02", tz="UTC")


def history(*, near: bool = False, seed: int = 1) -> pd.DataFrame:
    """Alarms of 20 devices over 60 days: `cut` brings `down` after a minute, `door` is alone."""
    rng = np.random.default_rng(seed)
    rows = []
    for code, count in (("cut", 300), ("door", 900), ("fan", 500)):
        rows.append(
            pd.DataFrame(
                {
                    "code": code,
                    "device": rng.integers(0, 20, count),
                    "at": rng.random(count) * 60 * 86_400,
                }
            )
        )
    cut = rows[0].iloc[:240]
    lag = rng.lognormal(np.log(60), 0.4, len(cut))
    effect = cut.assign(code="down", at=cut["at"] + lag)
    effect["device"] = (cut["device"] + 1) % 20 if near else cut["device"]
    alarms = pd.concat([*rows, effect], ignore_index=True)
    return pd.DataFrame(
        {
            "object_id": "D" + alarms["device"].astype("str"),
            "code": alarms["code"],
            "name": "some alarm",
            "raised_at": BEGIN + pd.to_timedelta(alarms["at"].round(), unit="s"),
        }
    )


def ring() -> pd.DataFrame:
    """Lines of a ring of 20 devices, their direction turned at random."""
    ends = [(f"D{number}", f"D{(number + 1) % 20}") for number in range(20)]
    turned = [pair[::-1] if number % 3 else pair for number, pair in enumerate(ends)]
    return pd.DataFrame(turned, columns=["node", "parent"]).assign(kind="ring")


def pairs(relations: pd.DataFrame) -> set[tuple[str, str]]:
    """Pairs of a table of relations that explain more than a twentieth of their effect."""
    plain = relations[relations["strength"] > PLAIN]
    return set(zip(plain["cause_code"], plain["effect_code"], strict=True))


def test_a_cause_is_found_with_its_lag_and_share_and_nothing_else_explains_much() -> None:
    found = learned_relations(history())
    assert found.columns.tolist() == COLUMNS
    assert pairs(found) == {("cut", "down")}
    assert ("down", "cut") not in relation_strength(found)
    assert found.loc[0, "lag_s"] == pytest.approx(60, rel=0.4)
    assert found.loc[0, "strength"] == pytest.approx(1.0, abs=0.15)


def test_an_effect_on_a_neighbour_is_found_through_links_of_any_direction() -> None:
    assert pairs(learned_relations(history(near=True), ring())) == {("cut", "down")}
    assert ("cut", "down") not in pairs(learned_relations(history(near=True)))


def test_links_that_name_unknown_objects_change_nothing() -> None:
    stranger = pd.DataFrame({"node": ["D1", "X"], "parent": ["Y", "X"]})
    alarms = history()
    pd.testing.assert_frame_equal(learned_relations(alarms, stranger), learned_relations(alarms))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    alarms, links = history(near=True), ring()
    mixed = alarms.sample(frac=1.0, random_state=seed)
    again = learned_relations(mixed, links.sample(frac=1.0, random_state=seed))
    pd.testing.assert_frame_equal(learned_relations(alarms, links), again)


def test_inputs_stay_unchanged() -> None:
    alarms, links = history(), ring()
    kept = alarms.copy(), links.copy()
    learned_relations(alarms, links)
    pd.testing.assert_frame_equal(alarms, kept[0])
    pd.testing.assert_frame_equal(links, kept[1])


def test_chance_alone_explains_nothing() -> None:
    alarms = history()
    alone = alarms[alarms["code"] != "down"]
    assert pairs(learned_relations(alone)) == set()


@pytest.mark.parametrize("rows", [0, 1, 3], ids=["no alarm", "one alarm", "one type"])
def test_a_history_with_fewer_than_two_types_gives_an_empty_table(rows: int) -> None:
    alarms = history()
    few = alarms[alarms["code"] == "cut"].head(rows)
    found = learned_relations(few)
    assert found.empty
    assert found.columns.tolist() == COLUMNS


def test_the_name_stands_for_a_missing_code() -> None:
    alarms = history()
    is_effect = alarms["code"] == "down"
    unnamed = alarms.assign(
        code=alarms["code"].mask(is_effect), name=alarms["name"].mask(is_effect, "Link Down")
    )
    assert pairs(learned_relations(unnamed)) == {("cut", "Link Down")}


def test_a_carrier_counts_as_its_cell_and_other_slashes_stay() -> None:
    alarms = history()
    is_effect = alarms["code"] == "down"
    carried = alarms["object_id"].where(~is_effect, alarms["object_id"] + "/TRX-2")
    assert pairs(learned_relations(alarms.assign(object_id=carried))) == {("cut", "down")}
    apart = alarms["object_id"].where(~is_effect, alarms["object_id"] + "/board")
    assert ("cut", "down") not in pairs(learned_relations(alarms.assign(object_id=apart)))


def test_flapping_does_not_hide_the_relation() -> None:
    alarms = history()
    doors = alarms[alarms["code"] == "fan"]
    again = [
        doors.assign(raised_at=doors["raised_at"] + pd.Timedelta(minutes=k)) for k in (1, 2, 3)
    ]
    assert pairs(learned_relations(pd.concat([alarms, *again]))) == {("cut", "down")}


@pytest.mark.parametrize("column", ["object_id", "raised_at", "name"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(MissingColumnsError, match=rf"`alarms` lacks columns \['{column}'\]"):
        learned_relations(history().drop(columns=column))


def test_links_without_parent_are_refused() -> None:
    with pytest.raises(MissingColumnsError, match="`links` lacks columns"):
        learned_relations(history(), ring()[["node"]])


def test_strengths_are_shares_and_no_type_causes_itself() -> None:
    found = learned_relations(history(near=True), ring())
    assert found["strength"].between(0, 1, inclusive="right").all()
    assert (found["cause_code"] != found["effect_code"]).all()
    assert (found["lag_s"] >= 0).all()
    strengths = relation_strength(found)
    assert strengths["cut", "down"] == tuple(found.loc[0, ["lag_s", "strength"]])
