"""Foretell the cause of complaints by gradient boosting, trained on the orders closed so far in the same world.

The classifier is fitted anew at the beginning of each day of the network, on the orders whose closing had arrived by
then, and answers all complaints diagnosed that day. Before there are enough orders it states how common each cause is
among complaints that no fault explains (`correlate/background.toml`).

Trees are small because closed orders are few: of six settings tried on one practice world (hills-en), by the share of
closed orders told rightly before they were closed, none did better.

Simple so far: causes of which no order was closed are never told; nothing is calibrated afterwards.

References
----------
.. [1] Ke et al.: "LightGBM", NeurIPS 2017; scikit-learn, HistGradientBoostingClassifier.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from contract.causes import CAUSES, UNKNOWN
from correlate.background import load_background

LEAST_ORDERS = 30
TREES = 40
LEAVES = 6
LEAST_IN_LEAF = 5
SHRINKAGE = 1.0
RANKS = 5

Floats = NDArray[np.float64]


def foretold(
    evidence: pd.DataFrame, at: pd.Series, closed: pd.DataFrame, *, codes: Sequence[str], zone: str
) -> pd.DataFrame:
    """Return the probabilities of the causes of each ticket.

    Parameters
    ----------
    evidence : DataFrame of float, index `ticket_id`
        From :func:`benchmarks.peer_evidence.evidence_table`.
    at : Series of instants, index of `evidence`
        When each ticket is answered.
    closed : DataFrame
        The contract's table `verdicts` with `arrived_at`.
    codes : sequence of str
        All causes.
    zone : str
        IANA zone in which a day begins.

    Returns
    -------
    DataFrame of float, index of `evidence`, columns `codes`
        Rows sum to 1.
    """
    orders = closed[(closed["cause"] != UNKNOWN) & closed["ticket_id"].isin(evidence.index)]
    day = at.dt.tz_convert(zone).dt.normalize()
    table = pd.DataFrame(0.0, index=evidence.index, columns=list(codes))
    with threadpool_limits(1):  # trees of a few hundred rows: more threads only wait for each other
        for begin, rows in evidence.groupby(day, sort=True):
            known = orders[orders["arrived_at"] <= begin].drop_duplicates("ticket_id")
            table.loc[rows.index] = _of_day(evidence, rows, known, codes)
    return table


def ranked_causes(chances: pd.DataFrame) -> pd.DataFrame:
    """Return the likeliest causes of each ticket: `ticket_id`, `rank`, `cause`, `probability`.

    >>> ranked_causes(pd.DataFrame({"a": [0.2], "b": [0.8]}, index=["T1"])).values.tolist()
    [['T1', 1, 'b', 0.8], ['T1', 2, 'a', 0.2]]
    """
    most = min(RANKS, chances.shape[1])
    order = np.argsort(-chances.to_numpy(), axis=1, kind="stable")[:, :most]
    table = pd.DataFrame(
        {
            "ticket_id": np.repeat(chances.index.to_numpy(object), most),
            "rank": np.tile(np.arange(1, most + 1), len(chances)),
            "cause": chances.columns.to_numpy(object)[order.ravel()],
            "probability": np.take_along_axis(chances.to_numpy(), order, axis=1).ravel(),
        }
    )
    return table[table["probability"] > 0].reset_index(drop=True)


def _of_day(
    evidence: pd.DataFrame, rows: pd.DataFrame, known: pd.DataFrame, codes: Sequence[str]
) -> Floats:
    """Return the probabilities of a day's tickets, from the orders closed before it."""
    if len(known) < LEAST_ORDERS or known["cause"].nunique() < 2:
        return np.tile(_common(codes), (len(rows), 1))
    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST_IN_LEAF,
        l2_regularization=SHRINKAGE,
        early_stopping=False,
        random_state=0,
    )
    learned = evidence.loc[known["ticket_id"]]
    told = learned.columns[learned.notna().any()]  # a column never known can't be divided into bins
    model.fit(learned[told].to_numpy(float), known["cause"].to_numpy(object))
    found = np.zeros((len(rows), len(codes)))
    place = [list(codes).index(code) for code in model.classes_]
    found[:, place] = model.predict_proba(rows[told].to_numpy(float))
    return found


def _common(codes: Sequence[str]) -> Floats:
    """Return how common each cause is among complaints that no fault explains, sum 1."""
    background = load_background(tuple(CAUSES))
    prior = pd.Series(background.prior, index=list(background.causes))[list(codes)].to_numpy(float)
    return np.asarray(prior / prior.sum(), dtype=float)
