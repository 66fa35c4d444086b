"""List the faults of a day: which are open, which to tell callers about first, and how severe each is.

Severity (X.733): a fault of an announced window of work or of energy saving is a warning; one whose causes usually
bring as many complaints as a loss of service is major, any other minor; wide ones are one step more severe: ten sites,
3,000 users, or a VIP site out of service.

Simple so far: severity knows users and sites, not the town that is wholly out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.daily.expected import Rates, day_hours, expected_to_come
from correlate.daily.known_then import Known
from correlate.interception import script

WIDE_SITES, WIDE_USERS = 10, 3000.0
"""START values of the operators' domain notes 6.3, severe large-area rule."""
LOSS_PER_USER_HOUR = 1.5e-4
"""Between loss of service (2 to 8 per 10,000 users and hour) and degradation (0.3 to 1), domain notes 6.2."""
ANNOUNCED = ("planned_work", "energy_saving")
ORDER = ("critical", "major", "minor", "warning", "cleared")
DAY = pd.Timedelta(days=1)
HOUR = pd.Timedelta(hours=1)
JOINERS = {"zh": "、", "en": ", "}

Floats = NDArray[np.float64]


def told_incidents(known: Known) -> pd.DataFrame:
    """Return the incidents of a moment with what reports show of them, index `incident_id`.

    Adds `since`, `severity`, `is_silent`, `interception_id`, `issued_at`, `script_issued`, `duration_h`, `late_h`.
    """
    rows = known.incidents.rename_axis("incident")
    until = rows["ended_at"].fillna(known.at.tz_convert("UTC"))
    out = known.open_notices.set_index("incident_id")
    return rows.assign(
        incident_id=rows.index,
        since=rows["started_at"],
        severity=severity(rows),
        is_silent=rows["first_sign"].isin(["counters", "complaint"]),
        interception_id=out["interception_id"].reindex(rows.index),
        issued_at=out["issued_at"].reindex(rows.index),
        script_issued=out["script"].reindex(rows.index),
        duration_h=((until - rows["started_at"]) / HOUR).clip(lower=0.0),
        late_h=((until - rows["due_at"]) / HOUR).clip(lower=0.0),
    )


def severity(incidents: pd.DataFrame) -> pd.Series:
    """Return the perceived severity of incidents, one of `ORDER`; what is over is cleared.

    Parameters
    ----------
    incidents : DataFrame
        `state`, `cause`, `first_sign`, `per_user_hour`, `sites`, `users`, `grade`.
    """
    is_loss = incidents["per_user_hour"] >= LOSS_PER_USER_HOUR
    is_wide = (incidents["sites"] >= WIDE_SITES) | (incidents["users"] >= WIDE_USERS)
    is_wide |= (incidents["grade"] == "VIP") & is_loss
    step = 2 - is_loss.astype(int) - is_wide.astype(int)
    found = pd.Series(np.array(ORDER)[step.to_numpy(int)], index=incidents.index, dtype="str")
    is_work = incidents["cause"].isin(ANNOUNCED) | (incidents["first_sign"] == "work")
    return found.mask(is_work, "warning").mask(incidents["state"] != "open", "cleared")


def with_expected(told: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Return open incidents with the complaints expected from now until midnight or repair.

    Parameters
    ----------
    told : DataFrame
        Rows of `told_incidents` that are open.
    """
    now = pd.Series(known.at.tz_convert("UTC"), index=told.index)
    midnight = (known.at.normalize() + pd.Timedelta(hours=26)).normalize().tz_convert("UTC")
    end = told["due_at"].clip(upper=midnight).mask(told["due_at"] <= now, midnight)
    rates = Rates(
        users=told["reached"].to_numpy(float),
        per_user_hour=told["per_user_hour"].to_numpy(float),
        real=told["real"].to_numpy(float),
        complaints=told["complaints"].to_numpy(float),
        hours=day_hours(told["started_at"], now, known.zone),
    )
    begin = told["started_at"].clip(lower=known.at.tz_convert("UTC"))
    to_come = expected_to_come(rates, day_hours(begin, end, known.zone))
    return told.join(to_come.set_index(told.index))


def to_intercept(known: Known, *, least: float) -> pd.DataFrame:
    """Return the open faults for which a notice is out or worth its while, most complaints to come first.

    Parameters
    ----------
    least : float
        Complaints to come from which a notice is worth its while (setting `notice_min_complaints`).
    """
    told = told_incidents(known)
    rows = with_expected(told[told["state"] == "open"], known)
    rows = rows[rows["interception_id"].notna() | (rows["expected"] >= least)]
    rows = rows.sort_values(["expected", "users", "incident_id"], ascending=[False, False, True])
    return rows.assign(**{f"script_{lang}": _scripts(rows, lang, known) for lang in JOINERS})


def _scripts(rows: pd.DataFrame, language: str, known: Known) -> list[str]:
    """Return what to tell a caller of each fault, as of now; a late repair gets its limit anew."""
    now = known.at.tz_convert("UTC")
    anew = now + pd.to_timedelta(rows["limit_h"].clip(lower=1.0), unit="h")
    due = rows["due_at"].clip(lower=now + HOUR).mask(rows["due_at"] <= now, anew)
    eta = _clock(due, language, known.zone)
    since = _clock(rows["started_at"], language, known.zone)
    areas = rows["area"].fillna("").str.replace("|", JOINERS[language], regex=False)
    return [
        script(cause, language, area=area, since=begun, eta=due)
        for cause, area, begun, due in zip(rows["cause"], areas, since, eta, strict=True)
    ]


def _clock(instants: pd.Series, language: str, zone: str) -> list[str]:
    """Return instants as people write them."""
    local = instants.dt.tz_convert(zone)
    if language == "en":
        return list(local.dt.strftime("%d %b %H:%M").astype("str"))
    day = local.dt.month.astype("str") + "月" + local.dt.day.astype("str") + "日"
    return list(day + local.dt.strftime("%H:%M").astype("str"))


def faults(known: Known) -> pd.DataFrame:
    """Return the faults open at the moment or ended in the 24 hours before, worst first, with their middle.

    `site_ids` is kept for `fault_sites`.
    """
    told = told_incidents(known)
    rows = told[(told["state"] == "open") | (told["ended_at"] > known.at - DAY)]
    order = rows["severity"].map({name: i for i, name in enumerate(ORDER)})
    rows = rows.assign(order=order, is_over=rows["state"] != "open")
    by = ["is_over", "order", "users", "incident_id"]
    return rows.sort_values(by, ascending=[True, True, False, True])


def fault_sites(shown: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the sites of faults with where they stand.

    Parameters
    ----------
    shown : DataFrame
        As `faults` gives them.
    sites : DataFrame
        The daybook's table.
    """
    listed = shown["site_ids"].fillna("").str.split("|").explode()
    listed = listed[listed != ""]
    spots = sites.drop_duplicates("site_id").set_index("site_id")[["lon", "lat"]]
    pairs = pd.DataFrame({"incident_id": listed.index, "site_id": listed.to_numpy()})
    return pairs.astype("str").join(spots, on="site_id", how="inner").reset_index(drop=True)


def with_middles(shown: pd.DataFrame, touched: pd.DataFrame) -> pd.DataFrame:
    """Return faults with `lon` and `lat`, the middle of their sites."""
    middle = touched.groupby("incident_id")[["lon", "lat"]].mean().reindex(shown.index)
    return shown.assign(lon=middle["lon"], lat=middle["lat"])
