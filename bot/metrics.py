"""What is counted while serving, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

STEP_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.steps = Counter("kunnafoni_steps", "Steps answered", ["bearer"], registry=self.registry)
        self.kept = Counter(
            "kunnafoni_kept", "Steps that kept a report, durably", ["bearer"], registry=self.registry
        )
        self.repeats = Counter(
            "kunnafoni_repeats", "Requests that had come before", ["bearer"], registry=self.registry
        )
        self.sorry = Counter(
            "kunnafoni_sorry", "Calls told that the service is away", ["reason"], registry=self.registry
        )
        self.seconds = Histogram(
            "kunnafoni_step_seconds", "From request to reply", buckets=STEP_SECONDS, registry=self.registry
        )
        self.calls_ended = Counter(
            "kunnafoni_calls_ended",
            "Calls by how the network says they ended",
            ["status"],
            registry=self.registry,
        )
        self.sent = Counter("kunnafoni_sms", "SMS by outcome", ["state"], registry=self.registry)
        self.segments = Counter(
            "kunnafoni_sms_segments", "SMS segments handed to a provider", registry=self.registry
        )
        self.reports = Counter(
            "kunnafoni_delivery_reports", "Delivery reports", ["status"], registry=self.registry
        )
        self.release = Gauge(
            "kunnafoni_release", "The release new conversations begin on", registry=self.registry
        )
