"""Put together what a notice says: where, what, since and until when, which services, how many, whose job, how severe.

Simple so far: users are those of the inventory, whatever the hour; a town is out when each of its sites is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from contract.knowledge_files import ORIGIN, check_choice, check_keys, read_knowledge
from correlate.diagnosis import PARTS
from correlate.faults import ABOVE_SITES, LOSS, Fault, Ints
from correlate.incidents import Incident
from correlate.knowledge import Knowledge
from correlate.notices.notice import Content
from correlate.notices.outlook import Outlook
from correlate.notices.rules import load_notice_rules
from correlate.notices.wording import area_names, county_and_towns, places_near, scripts_of
from correlate.reach import cells_at
from correlate.repair_owners import load_owners, owner_of
from correlate.versions import top_grade

CATALOGUE = Path(__file__).with_name("services.toml")
TABLES = ("symptoms", "technologies")
SERVICES = ("calls", "data", "texts")
VIP = "VIP"
THREATENED = "threatened"
"""Words for a site that lost its mains and still serves (`correlate/scripts.toml`)."""


@dataclass(frozen=True)
class Services:
    """The services that a symptom complains of, and those that a technology carries, by name."""

    of_symptom: Mapping[str, tuple[str, ...]]
    of_technology: Mapping[str, tuple[str, ...]]


@cache
def load_services(path: Path = CATALOGUE) -> Services:
    """Return what symptoms and technologies have to do with services.

    Raises
    ------
    InputError
        If the file can't be read, lacks a table or names a service that is none.
    """
    said = read_knowledge(path, "services")
    check_keys(said, path.name, argument="services", needed=(*ORIGIN, *TABLES), known=())
    return Services(*({k: _services(v, k) for k, v in said[table].items()} for table in TABLES))


def _services(listed: object, name: str) -> tuple[str, ...]:
    """Return the services of a list."""
    rows = listed if isinstance(listed, list) else [listed]
    return tuple(check_choice(one, SERVICES, f"`{name}`", argument="services") for one in rows)


def content_of(
    knowledge: Knowledge, fault: Fault, incident: Incident, *, outlook: Outlook
) -> Content:
    """Return what a notice of a fault says now."""
    cells = area_cells(knowledge, fault)
    sites = np.unique(knowledge.reach.site_of[cells])
    county, towns = county_and_towns(knowledge, sites)
    repair_class = knowledge.signatures.repair[knowledge.signatures.position(incident.cause)]
    low, high = outlook.interval()
    return Content(
        cause=incident.cause,
        object_id=incident.object_id,
        cells=cells,
        sites=frozenset(sites.tolist()),
        county=county,
        towns=towns,
        places=places_near(knowledge, sites),
        since=fault.started_at,
        due_at=outlook.due_at,
        repair_class=repair_class,
        grade=top_grade([knowledge.grades[s] for s in sites.tolist()]),
        services=services_hit(knowledge, fault, incident.cause),
        users=incident.users,
        real=outlook.real,
        expected=outlook.expected,
        low=low,
        high=high,
        untaught=outlook.expected / outlook.times,
        so_far=fault.tickets,
        severe_because=severe_because(knowledge, fault, users=incident.users),
        unit=owner_of(
            incident.cause,
            load_owners(knowledge.settings.repair_owners),
            knowledge.settings.language,
        ),
        is_threat=outlook.is_threat,
        scripts=scripts_of(
            THREATENED if outlook.is_threat else incident.cause,
            area_names(knowledge, sites),
            since=fault.started_at,
            due_at=outlook.due_at,
            zone=knowledge.zone,
        ),
    )


def with_new_time(
    said: Content, knowledge: Knowledge, *, outlook: Outlook, so_far: float
) -> Content:
    """Return what a notice says when nothing but the time of the repair and what is to come changed."""
    low, high = outlook.interval()
    return replace(
        said,
        due_at=outlook.due_at,
        real=outlook.real,
        expected=outlook.expected,
        low=low,
        high=high,
        untaught=outlook.expected / outlook.times,
        so_far=so_far,
        scripts=scripts_of(
            THREATENED if said.is_threat else said.cause,
            area_names(knowledge, np.array(sorted(said.sites), dtype=np.int64)),
            since=said.since,
            due_at=outlook.due_at,
            zone=knowledge.zone,
        ),
    )


def area_cells(knowledge: Knowledge, fault: Fault) -> Ints:
    """Return the cells whose callers a notice is for.

    Those of the fault; of a controller or core element most of whose sites are touched all cells below it, for callers
    do not say by which technology they were served.
    """
    node = fault.object_id
    if fault.extent not in ABOVE_SITES or node not in knowledge.topology.graph:
        return fault.cells
    below = np.asarray(knowledge.topology.sites_below(node), dtype=np.int64)
    touched = np.unique(knowledge.reach.site_of[fault.cells])
    if not len(below) or np.isin(below, touched).mean() < load_notice_rules().below_share:
        return fault.cells
    return np.union1d(fault.cells, cells_at(knowledge.reach, below))


def services_hit(knowledge: Knowledge, fault: Fault, cause: str) -> tuple[str, ...]:
    """Return the services a fault hits: those its cause's callers complain of and its cells carry.

    Where all of a site is lost, all that it carried is.
    """
    known = load_services()
    profile = knowledge.profiles.symptoms
    if cause not in profile.index:
        return SERVICES
    share = dict.fromkeys(SERVICES, 0.0)
    for symptom, part in profile.loc[cause].items():
        for service in known.of_symptom.get(str(symptom), ()):
            share[service] += float(part)
    rats = set(knowledge.technologies[fault.cells].tolist())
    carried = {s for rat in rats for s in known.of_technology.get(rat, SERVICES)}
    least = load_notice_rules().service_share
    hit = tuple(s for s in SERVICES if share[s] >= least and s in carried)
    return hit or tuple(s for s in SERVICES if s in carried)


def severe_because(knowledge: Knowledge, fault: Fault, *, users: float) -> str:
    """Return by which rule a fault is severe: `sites`, `users`, `vip`, `town`; "" for none.

    References
    ----------
    .. [1] Operators' domain notes 6.3: ten sites, 3,000 users, a town fully out or a VIP site go to the province.
    """
    rules = load_notice_rules()
    sites = np.unique(knowledge.reach.site_of[fault.cells])
    if len(sites) >= rules.severe_sites:
        return "sites"
    if users >= rules.severe_users:
        return "users"
    if fault.family != LOSS or fault.extent in PARTS:
        return ""
    if any(knowledge.grades[s] == VIP for s in sites.tolist()):
        return "vip"
    return "town" if _town_is_out(knowledge, sites) else ""


def _town_is_out(knowledge: Knowledge, sites: Ints) -> bool:
    """Tell whether all sites of a town with more than one are among some sites."""
    named = knowledge.site_names
    lost = Counter(named.own_towns[site] for site in sites.tolist())
    return any(name and n > 1 and n == named.sizes[name] for name, n in lost.items())
