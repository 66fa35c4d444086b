"""Count what the server does, for Prometheus.

Simple so far: counters of one process; what the process of the steps did is told by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from dashboards.server.pushing import Message


class Metrics:
    """The counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.rows = Counter(
            "cellcause_rows", "Rows put into the ledger", ["stream"], registry=self.registry
        )
        self.requests = Counter(
            "cellcause_requests", "Requests answered", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "cellcause_request_seconds", "Time to answer", ["route"], registry=self.registry
        )
        self.steps = Counter("cellcause_steps", "Steps taken", registry=self.registry)
        self.step_at = Gauge(
            "cellcause_step_timestamp_seconds", "Moment of the last step", registry=self.registry
        )
        self.waiting = Gauge(
            "cellcause_waiting_rows", "Rows that wait to be written", registry=self.registry
        )
        self.alive = Gauge(
            "cellcause_alive", "Whether a part runs", ["part"], registry=self.registry
        )

    def arrived(self, counts: Mapping[str, int]) -> None:
        """Count rows put into the ledger, by stream."""
        for stream, number in counts.items():
            self.rows.labels(stream).inc(number)

    def stepped(self, message: Message) -> None:
        """Count a step."""
        if message["kind"] == "step":
            self.steps.inc()
            self.step_at.set(float(str(message["at"])))

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self.requests.labels(route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def page(self) -> bytes:
        """Return all counters in the form of Prometheus."""
        return bytes(generate_latest(self.registry))
