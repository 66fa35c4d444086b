"""Learn from the closed orders of a bundle what a later run is to start from, and keep only what later orders confirm.

Simple so far: it learns anew from what the bundle holds; what an earlier folder knew is not carried on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from contract.bundle_files import table_paths
from contract.bundles import read_bundle
from contract.errors import InputError
from contract.folders import check_replaceable, replace_folder
from contract.settings import Settings
from correlate.faults import HOUR
from correlate.incident_rules import load_incident_rules
from correlate.knowledge import Knowledge, gather
from correlate.learning.calibration import (
    Correction,
    corrected,
    correction_entries,
    learn_curve,
    learn_temperature,
)
from correlate.learning.evidence import gather_evidence
from correlate.learning.files import (
    ABOUT,
    COUNTED,
    PIECES,
    WRITTEN,
    LearnedFile,
    write_learned,
)
from correlate.learning.judging import Fold, Judgement, judged, rolling_folds, together_of
from correlate.learning.networks import network_sketch
from correlate.learning.orders import Evidence, log_losses
from correlate.learning.pieces import Piece, pieces_for
from correlate.learning.rates import learn_rates, rate_entries, rate_gains
from correlate.rates import Lesson
from correlate.run import Progress, known_by

Corrector = Callable[[Evidence], Correction]
LEAST_FAULTS = 8
"""Fewest faults that rates of complaint are tried on (START value)."""
CORRECTIONS: Mapping[str, Corrector] = {
    "temperature": learn_temperature,
    "curve": learn_curve,
}


@dataclass(frozen=True)
class Piecework:
    """One thing learned or refused: its judgement and its entries; `form` tells of two forms which was taken."""

    name: str
    judgement: Judgement
    entries: Sequence[Mapping[str, Any]]
    counted: int
    form: str = ""


@dataclass(frozen=True)
class Learned:
    """What closed orders taught: piece by piece, the orders, what faults taught, whence, and the network's sketch."""

    pieces: tuple[Piecework, ...]
    evidence: Evidence
    lessons: tuple[Lesson, ...]
    about: Mapping[str, Any]
    network: tuple[str, ...] = ()


def learn_verdicts(
    folder: Path,
    settings: Settings,
    *,
    now: datetime,
    until: int | None = None,
    progress: Progress | None = None,
) -> Learned:
    """Return what the closed orders of a bundle teach.

    Parameters
    ----------
    folder : Path
        The bundle; its `verdicts` are the closed orders.
    now : datetime
        When this is done, to be told in the files.
    until : int, optional
        Seconds since 1970: only orders closed, and faults over, by then count.
    progress : callable, optional
        As of `correlate.run.run_bundle`.

    Raises
    ------
    InputError
        If the bundle can't be used or has no closed order.
    """
    settings = settings.model_copy(update={"learned": None})
    bundle = read_bundle(folder, settings)
    if bundle.tables["verdicts"].empty:
        message = (
            f"`verdicts` must have closed orders to learn from; there is none in {folder.name!r}."
        )
        raise InputError(message)
    knowledge = gather(bundle.tables, settings)
    tables = known_by(bundle.tables, until)
    evidence, lessons = gather_evidence(tables, knowledge, progress=progress)
    return Learned(
        learned_pieces(evidence, lessons, knowledge),
        evidence,
        tuple(lessons),
        _about(folder, evidence, now),
        network_sketch(knowledge.network.sites),
    )


def learned_pieces(
    evidence: Evidence, lessons: Sequence[Lesson], knowledge: Knowledge
) -> tuple[Piecework, ...]:
    """Return every piece, learned from all orders and judged on later ones; each on top of those kept before it."""
    orders = evidence.orders
    folds = rolling_folds(orders["closed_at"].to_numpy(float), orders["created_at"].to_numpy(float))
    tried = [(evidence.take(fold.known), evidence.take(fold.later)) for fold in folds]
    found = []
    for name, piece in pieces_for(knowledge).items():
        work, tried, evidence = _try(name, piece, tried, evidence)
        found.append(work)
    rates = _judged_rates(lessons, folds, knowledge)
    return (*found, rates, _judged_calibration(tried, evidence))


def _try(
    name: str, piece: Piece, tried: list[tuple[Evidence, Evidence]], evidence: Evidence
) -> tuple[Piecework, list[tuple[Evidence, Evidence]], Evidence]:
    """Return a piece judged, and the orders weighed with it if it is kept."""
    models = [piece.learn(known) for known, _ in tried]
    weighed = [
        (piece.apply(model, known), piece.apply(model, later))
        for model, (known, later) in zip(models, tried, strict=True)
    ]
    judgement = judged(
        [_losses(later) for _, later in tried],
        [_losses(later) for _, later in weighed],
        [together_of(later) for _, later in tried],
    )
    if not judgement.is_kept:
        return Piecework(name, judgement, (), len(evidence)), tried, evidence
    model = piece.learn(evidence)
    work = Piecework(name, judgement, piece.tell(model, evidence), len(evidence))
    return work, weighed, piece.apply(model, evidence)


def _losses(evidence: Evidence) -> np.ndarray:
    """Return the log loss of every order."""
    return log_losses(evidence.posterior(), evidence.closed_as)


def _judged_rates(
    lessons: Sequence[Lesson], folds: Sequence[Fold], knowledge: Knowledge
) -> Piecework:
    """Return the rates of complaint, judged on the complaints of later faults: nats a fault.

    What a fault taught is known once its complaints are settled, days after its end.
    """
    causes = knowledge.signatures.causes
    settling_s = load_incident_rules().limits.freeze_h * HOUR
    gains = []
    for i, fold in enumerate(folds):
        until = folds[i + 1].cut if i + 1 < len(folds) else 2**62
        known = [x for x in lessons if x.ended_at + settling_s <= fold.cut]
        later = [x for x in lessons if fold.cut < x.ended_at <= until]
        if known and later:
            gains.append(rate_gains(learn_rates(known, len(causes)), later))
    judgement = judged(
        [np.zeros(len(g)) for g in gains],
        [-g for g in gains],
        [np.arange(len(g)) for g in gains],
        least=LEAST_FAULTS,
    )
    counts = learn_rates(lessons, len(causes))
    entries = rate_entries(counts, causes) if judgement.is_kept else []
    return Piecework("rates", judgement, entries, len(lessons))


def _judged_calibration(
    tried: Sequence[tuple[Evidence, Evidence]], evidence: Evidence
) -> Piecework:
    """Return temperature or curve, whichever does better on later orders."""
    works = []
    before = [_losses(later) for _, later in tried]
    together = [together_of(later) for _, later in tried]
    for form, learn in CORRECTIONS.items():
        after = [
            log_losses(corrected(learn(known), later.posterior()), later.closed_as)
            for known, later in tried
        ]
        judgement = judged(before, after, together)
        entries = correction_entries(learn(evidence)) if judgement.is_kept else []
        works.append(Piecework("calibration", judgement, entries, len(evidence), form))
    return min(works, key=lambda work: work.judgement.after)


def write_verdicts(learned: Learned, out: Path) -> None:
    """Write what was learned into a folder, whole or not at all: a file for each piece kept, and what was refused.

    Raises
    ------
    OutputError
        If `out` holds something else.
    """
    files = [
        LearnedFile(work.name, {**_head(work, learned.about)}, work.entries)
        for work in learned.pieces
        if work.judgement.is_kept
    ]
    keys = [{"kind": "order", "key": key} for key in learned.evidence.orders["key"]]
    keys += [{"kind": "fault", "key": lesson.key} for lesson in learned.lessons]
    keys += [{"kind": "network", "key": key} for key in learned.network]
    files.append(LearnedFile(COUNTED, learned.about, keys))
    files.append(LearnedFile(ABOUT, learned.about, [judgement_entry(w) for w in learned.pieces]))
    replace_folder(out, lambda folder: write_learned(folder, files), ours=WRITTEN)


def check_target(out: Path) -> None:
    """Raise where nothing can be written, before long work."""
    check_replaceable(out, ours=WRITTEN)


def judgement_entry(work: Piecework) -> dict[str, object]:
    """Return a piece and its judgement as an entry."""
    told = work.judgement
    return {
        "piece": work.name,
        "form": work.form,
        "kept": told.is_kept,
        "reason": told.reason,
        "learned_from": work.counted,
        "tried_on": told.tried,
        "before": round(told.before, 4),
        "after": round(told.after, 4),
        "gain": round(told.gain, 4),
        "error": round(told.error, 4),
        "folds": told.folds,
        "better_folds": told.better,
    }


def _head(work: Piecework, about: Mapping[str, Any]) -> dict[str, object]:
    """Return what a file says of itself."""
    return {"meaning": PIECES[work.name], **about, "held_out": judgement_entry(work)}


def _about(folder: Path, evidence: Evidence, now: datetime) -> dict[str, object]:
    """Return whence something was learned."""
    closed = evidence.orders["closed_at"]
    span = [
        datetime.fromtimestamp(int(at), tz=UTC).isoformat()
        for at in ((closed.min(), closed.max()) if len(closed) else ())
    ]
    return {
        "learned_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "bundle": folder.resolve().name,
        "bundle_sha256": bundle_hash(folder),
        "orders": len(evidence),
        "closed": span,
    }


def bundle_hash(folder: Path) -> str:
    """Return a hash of the contents of the tables of a bundle."""
    told = hashlib.sha256()
    for name, path in sorted(table_paths(folder)[0].items()):
        for file in sorted(path.rglob("*.parquet")) if path.is_dir() else [path]:
            told.update(f"|{name}|{file.relative_to(folder)}|".encode())
            with file.open("rb") as content:
                told.update(hashlib.file_digest(content, "sha256").digest())
    return told.hexdigest()
