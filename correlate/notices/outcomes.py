"""Learn from notices that are over how many complaints to expect of the next: what came against what was expected.

Repairs of a kind that take longer than their limit, and customers who call more readily than thought, show alike in
the complaints that came. The ratio is a gamma distribution: one of all notices, one of each class of repair around it.

Simple so far: what is learned is never forgotten; how long and how readily are not told apart.

References
----------
.. [1] Gelman et al., "Bayesian Data Analysis", 3rd edition, 2.6-2.7: gamma distributions of Poisson rates, pooled.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from correlate.notices.rules import load_notice_rules


@dataclass
class Outcomes:
    """Complaints that came while notices were out and those expected of them untaught, by class of repair."""

    seen: dict[str, float] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)

    def times(self, repair_class: str) -> float:
        """Return how many times the complaints expected untaught come, in a class of repair.

        >>> Outcomes().times("D2")
        1.0
        >>> round(Outcomes({"D2": 20.0}, {"D2": 2.0}).times("D2"), 1)
        6.1
        """
        rules = load_notice_rules()
        own = rules.all_outcomes
        all_times = (own + sum(self.seen.values())) / (own + sum(self.expected.values()))
        seen, expected = (t.get(repair_class, 0.0) for t in (self.seen, self.expected))
        return (rules.class_outcomes * all_times + seen) / (rules.class_outcomes + expected)

    def note(self, repair_class: str, *, seen: float, expected: float) -> None:
        """Note what came while a notice was out, and what had been expected of it untaught."""
        self.seen[repair_class] = self.seen.get(repair_class, 0.0) + seen
        self.expected[repair_class] = self.expected.get(repair_class, 0.0) + expected
