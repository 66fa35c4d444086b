"""Find the parents that explain trouble of several sites, the surest first.

Of all parents and times the one with the greatest log odds against chance (`alarms.odds`) is taken, with the sites that
showed the trouble within the time alarms of one fault take; then the next among what is left. A parent is passed over
where parents below it, taken together, explain its sites better. So the highest parent wins where one break explains
all, several where healthy sites speak against one, and none where nothing stands above. A site that others hang on is
a parent as well: the cut before it takes what lies behind it.

A root found a step ago stands while no parent that might explain its sites has other onsets below it than then: so
counters that speak against it are heard only when alarms below it change.

Simple so far: which of the cuts of a ring were made is not told, the ring is the root of the nodes between them; onsets
once taken make no other parent surer, though one with a reason of its own may hide a parent that lacks it.
"""

from dataclasses import dataclass, field

import numpy as np

from alarms.episodes import Array
from alarms.odds import parent_likelihoods
from alarms.onsets import Onsets, onsets_of
from alarms.placing import Signs
from alarms.root_rules import RootRules, Trouble
from alarms.scenes import Scene
from alarms.site_groups import Ground

_LEAST_ELAPSED = 0.5
_SERVING_ALIKE = 0.3
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class CommonRoot:
    """A parent that explains trouble of sites below it.

    Attributes
    ----------
    node : int
        Position in the ancestry.
    trouble : Trouble
    start : int
        When the first of the sites showed it, microseconds.
    end : int
        When the last of them did.
    sites : array of int
        Sites that show it.
    log_odds : float
        Against chance.
    has_own : bool
        The node raised an alarm itself.
    """

    node: int
    trouble: Trouble
    start: int
    end: int
    sites: Array
    log_odds: float
    has_own: bool


@dataclass(frozen=True, eq=False)
class _Field:
    """Onsets of one kind of trouble under each parent that makes it, by node and start.

    `value` are the log odds against chance, `broken` the log likelihood if the parent broke.
    """

    trouble: Trouble
    onsets: Onsets
    entry: Array
    node: Array
    start: Array
    last: Array
    value: Array
    broken: Array
    has_own: Array


@dataclass
class RootMemory:
    """What roots were found a step ago, and from what.

    Attributes
    ----------
    roots : list of CommonRoot
    onsets : dict of str to array, shape (nodes,)
        By kind of trouble: what stood below each node.
    """

    roots: list[CommonRoot] = field(default_factory=list)
    onsets: dict[str, Array] = field(default_factory=dict)


def common_roots(
    signs: Signs,
    shown: list[Array],
    scene: Scene,
    *,
    ground: Ground,
    rules: RootRules,
    memory: RootMemory | None = None,
) -> list[CommonRoot]:
    """Return the parents that explain trouble of several sites, the surest first.

    Parameters
    ----------
    signs : Signs
    shown : list of array of bool
        Which alarms show each kind of trouble of the rules.
    scene : Scene
    ground : Ground
    rules : RootRules
    memory : RootMemory, optional
        Of the step before, brought up to date.

    Returns
    -------
    list of CommonRoot
        A site stands under one of them at most for each kind of trouble and time.
    """
    fields = []
    for trouble, mask in zip(rules.troubles, shown, strict=True):
        onsets = onsets_of(trouble, signs, mask, ground=ground, rules=rules)
        fields.append(_laid_out(trouble, onsets, scene))
    found = _standing(fields, scene, memory)
    fields = [_only_likely(_without_roots(field, found, scene), scene) for field in fields]
    fields = [field for field in fields if len(field.entry)]
    fresh = _taken_in_turn(fields, scene)
    if memory is not None:
        memory.roots = [*found, *fresh]
    return [*found, *fresh]


def _taken_in_turn(fields: list[_Field], scene: Scene) -> list[CommonRoot]:
    """Return the roots taken one after the other, the surest first."""
    found: list[CommonRoot] = []
    while fields:
        number, best = max(
            ((n, _surest(field, scene)) for n, field in enumerate(fields)),
            key=lambda one: _rank(fields[one[0]], one[1], scene),
        )
        field = fields[number]
        if _is_contradicted(field, best, scene) or _is_better_apart(field, best, scene):
            fields[number] = _weighed(field, field.node != field.node[best], scene)
        else:
            root = _root(field, best)
            found.append(root)
            fields = [_without_roots(other, [root], scene) for other in fields]
        fields = [
            field for field in fields if field.value.max(initial=-np.inf) >= scene.odds.accept
        ]
    return found


def _standing(fields: list[_Field], scene: Scene, memory: RootMemory | None) -> list[CommonRoot]:
    """Return the roots of a step ago that no parent with other onsets than then could replace."""
    if memory is None:
        return []
    touched = np.zeros(len(scene.ancestry.above_ends), dtype=bool)
    sure: dict[str, Array] = {}
    for one in fields:
        name, now = one.trouble.name, _marks(one, scene)
        before = memory.onsets.get(name, np.zeros_like(now))
        memory.onsets[name] = now
        is_open = scene.now - one.start < scene.together_us
        likely = sure[name] = np.zeros(len(now), dtype=bool)
        likely[one.node[one.value >= scene.odds.accept]] = True
        at = likely[one.node] & ((now != before)[one.node] | is_open)
        touched[one.onsets.site[one.entry[at]]] = True
    return [
        root
        for root in memory.roots
        if sure[root.trouble.name][root.node] and not touched[root.sites].any()
    ]


def _marks(field: _Field, scene: Scene) -> Array:
    """Return a number for each node that stands for the onsets below it and its own alarms."""
    onsets = field.onsets
    content = onsets.start.view(np.uint64) * _ODD + onsets.site.astype(np.uint64)
    content = content * _ODD ^ onsets.is_led.astype(np.uint64)
    sums = np.zeros(len(scene.ancestry.nodes), dtype=np.uint64)
    np.add.at(sums, field.node, content[field.entry])
    node, raised = scene.own
    np.add.at(sums, node, raised.view(np.uint64) * _ODD)
    return sums


def _laid_out(trouble: Trouble, onsets: Onsets, scene: Scene) -> _Field:
    """Return the onsets of a kind of trouble under each parent that makes it."""
    ancestry = scene.ancestry
    entry, node = ancestry.pairs(onsets.site)
    keep = ancestry.is_of(trouble.parents)[node]
    entry, node = entry[keep], node[keep]
    start = onsets.start[entry]
    order = np.lexsort((entry, start, node))
    none = np.empty(len(order), dtype=np.int64)
    bare = _Field(trouble, onsets, entry[order], node[order], start[order], none, none, none, none)
    return _weighed(bare, np.ones(len(order), dtype=bool), scene)


def _only_likely(field: _Field, scene: Scene) -> _Field:
    """Return a field without the parents that are not sure enough with all that is below them."""
    likely = np.unique(field.node[field.value >= scene.odds.accept])
    return _weighed(field, np.isin(field.node, likely), scene)


def _weighed(field: _Field, keep: Array, scene: Scene) -> _Field:
    """Return some entries of a field, weighed anew."""
    entry, node, start = field.entry[keep], field.node[keep], field.start[keep]
    none = np.empty(0, dtype=np.int64)
    if not len(entry):
        empty = none * 1.0
        return _Field(field.trouble, field.onsets, entry, node, start, none, empty, empty, none > 0)
    low = int(start.min())
    width = int(start.max()) - low + 3 * scene.together_us + 1
    line = node * width + (start - low)
    last = np.searchsorted(line, line + scene.together_us, side="right")
    tight = np.searchsorted(line, line + scene.odds.tight_us, side="right")
    has_own = _has_own(line, scene, low=low, width=width)
    led = np.concatenate([[0], np.cumsum(field.onsets.is_led[entry])])
    first = np.arange(len(line))
    counts = (last - first, tight - first - 1, led[last] - led[first])
    likelier = _circuit_odds(field, entry, first, last)
    value, broken = _values(node, start, counts, has_own=has_own, likelier=likelier, scene=scene)
    return _Field(field.trouble, field.onsets, entry, node, start, last, value, broken, has_own)


def _circuit_odds(field: _Field, entry: Array, first: Array, last: Array) -> Array:
    """Return what children take away that show lost links to their controller alone, or don't, where that is odd."""
    share = field.trouble.circuit_share
    if share is None:
        return np.zeros(len(entry))
    is_circuit = field.onsets.is_circuit[entry]
    usual = max(share, 1 - share)
    added = np.log(np.where(is_circuit, share, 1 - share) / usual)
    running = np.concatenate([[0.0], np.cumsum(added)])
    return np.asarray(running[last] - running[first])


def _values(
    node: Array,
    start: Array,
    counts: tuple[Array, Array, Array],
    *,
    has_own: Array,
    likelier: Array,
    scene: Scene,
) -> tuple[Array, Array]:
    """Return log odds and log likelihood of each parent and start.

    `counts`: shown, shown soon after the first, shown with a reason of their own; `likelier`: what the kind of
    trouble they show adds.
    """
    odds, ancestry = scene.odds, scene.ancestry
    shown, tight, led = (count.astype(np.float64) for count in counts)
    elapsed = np.clip((scene.now - start) / (scene.together_us / 2), _LEAST_ELAPSED, 1.0)
    silent = (ancestry.size[node] - shown).clip(min=0.0) * elapsed
    broken, chance = parent_likelihoods(
        (shown, silent, led),
        breaks=ancestry.breaks[node],
        has_own=has_own,
        is_ring=ancestry.is_ring[node],
        odds=odds,
    )
    broken = broken + tight * odds.tight + (shown - 1 - tight) * odds.loose
    broken = broken + scene.held[node] * odds.keep + likelier
    is_able = (shown >= scene.fewest_sites) | has_own
    return np.where(is_able, broken - chance, -np.inf), broken


def _has_own(line: Array, scene: Scene, *, low: int, width: int) -> Array:
    """Return whether the node of each entry raised an alarm itself when the trouble began."""
    node, raised = scene.own
    together = scene.together_us
    inside = (raised >= low - together) & (raised - low < width - together)
    own = node[inside] * width + (raised[inside] - low)
    until = np.searchsorted(own, line + together, side="right")
    return np.asarray(until > np.searchsorted(own, line - together))


def _surest(field: _Field, scene: Scene) -> int:
    """Return the entry with the greatest log odds; of equal ones the smallest and nearest parent's."""
    best = np.flatnonzero(field.value == field.value.max())
    node = field.node[best]
    order = np.lexsort(
        (field.start[best], node, scene.ancestry.nearness[node], scene.ancestry.size[node])
    )
    return int(best[order[0]])


def _rank(field: _Field, at: int, scene: Scene) -> tuple[float, int, int]:
    """Return what a surer root has more of."""
    node = int(field.node[at])
    return float(field.value[at]), -int(scene.ancestry.size[node]), -node


def _is_contradicted(field: _Field, at: int, scene: Scene) -> bool:
    """Tell whether silent sites that counters show to serve since the trouble began speak against a parent.

    They don't where the sites that show trouble serve as well: then it is no outage, and service tells nothing. Nor on
    a ring: its two cuts take the nodes between them alone.
    """
    if field.trouble.name == "degraded" or scene.ancestry.is_ring[field.node[at]]:
        return False
    serves = scene.served[field.trouble.rats] >= field.start[at]
    shown = field.onsets.site[field.entry[at : field.last[at]]]
    if serves[shown].mean() > _SERVING_ALIKE:
        return False
    silent = np.setdiff1d(scene.ancestry.sites_below(int(field.node[at])), shown)
    value = float(field.value[at]) + int(serves[silent].sum()) * np.log(
        scene.odds.serving_though_out
    )
    return bool(value < scene.odds.accept)


def _is_better_apart(field: _Field, at: int, scene: Scene) -> bool:
    """Tell whether parents below a node, taken together, explain its sites better than it does."""
    node = int(field.node[at])
    inside = np.isin(field.entry, field.entry[at : field.last[at]])
    smaller = scene.ancestry.size[field.node] < scene.ancestry.size[node]
    rest, total = _weighed(field, inside & smaller, scene), 0.0
    left = int(field.last[at]) - at
    while len(rest.entry):
        best = _surest(rest, scene)
        if rest.value[best] < scene.odds.accept:
            break
        taken = rest.entry[best : rest.last[best]]
        total, left = total + float(rest.broken[best]), left - len(taken)
        rest = _weighed(rest, ~np.isin(rest.entry, taken), scene)
    return bool(total + left * np.log(scene.odds.site) > field.broken[at])


def _root(field: _Field, at: int) -> CommonRoot:
    """Return the root of an entry."""
    onsets, members = field.onsets, field.entry[at : field.last[at]]
    return CommonRoot(
        node=int(field.node[at]),
        trouble=field.trouble,
        start=int(field.start[at]),
        end=int(onsets.start[members].max()),
        sites=np.unique(onsets.site[members]),
        log_odds=float(field.value[at]),
        has_own=bool(field.has_own[at]),
    )


def _without_roots(field: _Field, roots: list[CommonRoot], scene: Scene) -> _Field:
    """Return a field without the onsets that begin with those of some roots, at the same sites."""
    if not roots or not len(field.entry):
        return field
    gone = _inside(field.onsets, roots, scene.together_us)
    keep = ~gone[field.entry]
    return field if keep.all() else _weighed(field, keep, scene)


def _inside(onsets: Onsets, roots: list[CommonRoot], together: int) -> Array:
    """Return which onsets lie in the time of a root at one of its sites."""
    sites = np.concatenate([root.sites for root in roots])
    count = [len(root.sites) for root in roots]
    since = np.repeat([root.start - together for root in roots], count)
    until = np.repeat([root.end + together for root in roots], count)
    low = min(int(since.min()), int(onsets.start.min()))
    width = max(int(until.max()), int(onsets.start.max())) - low + 1
    # The time lines of all sites are laid end to end; what lies in a span is past its begin and not past its end.
    begins = np.sort(sites * width + (since - low))
    ends = np.sort(sites * width + (until - low))
    asked = onsets.site * width + (onsets.start - low)
    open_spans = np.searchsorted(begins, asked, side="right") - np.searchsorted(ends, asked)
    return np.asarray(open_spans > 0)
