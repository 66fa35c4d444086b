"""Pool locating figures over worlds and judge whether stated probabilities come true.

A figure of several worlds is that of their tickets together. A tenth of stated probability is in
order when the share that came true lies in the 95 % binomial band around what was stated, or
within 0.05 of it.

Simple so far: tickets are taken as independent of each other, though one fault brings many.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binom

from correlate.score_details import calibration_bins

FIGURES = ("cell_top1", "site_top1", "site_top3", "site_log_loss")
SOURCES = ("coordinates", "register", "address only", "nothing")
CLOSE = 0.05
BAND = 0.95


def by_source(detail: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of one world by what told of the place, and of all.

    Parameters
    ----------
    detail : DataFrame indexed by `place` and `is_sighted`
        From :func:`correlate.scoring.locating_by_source`.

    Returns
    -------
    DataFrame indexed by `source`
        `tickets` and `FIGURES`; a ticket with coordinates counts there, seen or not; one without,
        but seen, under register.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("address", True), ("neither", True)])
    >>> detail = pd.DataFrame({"tickets": [1, 3], **{name: [1.0, 0.0] for name in FIGURES}}, index)
    >>> by_source(detail).loc["register", ["tickets", "site_top1"]].tolist()
    [4.0, 0.25]
    """
    place = detail.index.get_level_values(0)
    is_seen = detail.index.get_level_values(1).astype(bool)
    conditions = [place == "coordinates", is_seen, place == "address"]
    source = np.select(conditions, SOURCES[:3], SOURCES[3])
    return pooled([detail.set_axis(pd.Index(source, name="source"))])


def pooled(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables of figures as one: means weighted by tickets, and a row `all`.

    Parameters
    ----------
    parts : sequence of DataFrame indexed by `source`
        `tickets` and `FIGURES`.

    Returns
    -------
    DataFrame indexed by `source`
    """
    table = pd.concat([part.drop(index="all", errors="ignore") for part in parts])
    table = pd.concat([table, table.set_axis(pd.Index(["all"] * len(table)))])
    weighted = table[list(FIGURES)].mul(table["tickets"], axis=0)
    tickets = table["tickets"].groupby(level=0).sum()
    figures = weighted.groupby(level=0).sum().div(tickets, axis=0)
    figures.insert(0, "tickets", tickets)
    order = [name for name in (*SOURCES, "all") if name in figures.index]
    return figures.loc[order].rename_axis("source")


def binned(judged: pd.DataFrame) -> pd.DataFrame:
    """Return stated and right by tenth of stated probability, of answered tickets.

    Parameters
    ----------
    judged : DataFrame
        `stated`, `site_top1`, as from :func:`correlate.score_details.located`.

    Returns
    -------
    DataFrame indexed by `bin`
        `tickets`, `stated`, `right`.
    """
    answered = judged.dropna(subset="stated")
    pairs = answered[["stated", "site_top1"]].set_axis(["stated", "right"], axis=1)
    groups = pairs.astype(float).groupby(calibration_bins(pairs["stated"]).rename("bin"))
    return pd.concat([groups.size().rename("tickets"), groups.mean()], axis=1)


def pooled_bins(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the tenths of several worlds as one, with their bands.

    Parameters
    ----------
    parts : sequence of DataFrame indexed by `bin`
        `tickets`, `stated`, `right`.

    Returns
    -------
    DataFrame indexed by `bin`
        `tickets`, `stated`, `right`, `gap` (right less stated), `low` and `high` (the band in
        which the share right lies in 95 of 100 cases where the statement is true), `is_in_band`,
        `is_in_order` (in the band or within 0.05).

    Examples
    --------
    >>> part = pd.DataFrame({"tickets": [50], "stated": [0.95], "right": [0.8]}, index=[9])
    >>> pooled_bins([part, part])[["tickets", "is_in_band", "is_in_order"]].values.tolist()
    [[100, False, False]]
    """
    table = pd.concat(list(parts))
    tickets = table["tickets"].groupby(level=0).sum()
    sums = table[["stated", "right"]].mul(table["tickets"], axis=0).groupby(level=0).sum()
    means = sums.div(tickets, axis=0)
    low, high = binom.interval(BAND, tickets, means["stated"])
    gap = means["right"] - means["stated"]
    low, high = low / tickets, high / tickets
    is_in_band = means["right"].between(low - 1e-9, high + 1e-9)
    found = {"gap": gap, "low": low, "high": high, "is_in_band": is_in_band}
    is_in_order = is_in_band | (gap.abs() <= CLOSE)
    return means.assign(**found, is_in_order=is_in_order).assign(tickets=tickets)


def calibration_error(bins: pd.DataFrame) -> float:
    """Return the gap between stated and right, the mean over tickets.

    Parameters
    ----------
    bins : DataFrame
        From :func:`pooled_bins`.
    """
    return float((bins["gap"].abs() * bins["tickets"]).sum() / bins["tickets"].sum())


def calibration_text(bins: pd.DataFrame) -> str:
    """Return the tenths as lines, those out of order marked.

    Parameters
    ----------
    bins : DataFrame
        From :func:`pooled_bins`.

    Examples
    --------
    >>> part = pd.DataFrame({"tickets": [100], "stated": [0.95], "right": [0.8]}, index=[9])
    >>> print(calibration_text(pooled_bins([part])))
    calibration error 0.150; out of order: 0.9-1.0
      0.9-1.0   100 tickets  stated 0.950  right 0.800  band 0.900-0.990  out of order
    """
    lines, beyond = [], []
    for row in bins.reset_index(names="bin").to_dict("records"):
        name = f"{row['bin'] / 10:.1f}-{(row['bin'] + 1) / 10:.1f}"
        mark = "" if row["is_in_band"] else "  beyond the band, within 0.05"
        if not row["is_in_order"]:
            mark = "  out of order"
            beyond.append(name)
        lines.append(
            f"  {name} {row['tickets']:5.0f} tickets  stated {row['stated']:.3f}"
            f"  right {row['right']:.3f}  band {row['low']:.3f}-{row['high']:.3f}{mark}"
        )
    head = f"calibration error {calibration_error(bins):.3f}; "
    head += f"out of order: {', '.join(beyond)}" if beyond else "every tenth in order"
    return "\n".join([head, *lines])
