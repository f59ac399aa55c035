"""What is counted while serving, for Prometheus. The hot path counts in plain numbers; the registry reads them."""

from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

STEP_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class Waits(Collector):
    """How long phones waited: a histogram that costs an addition, where the library's takes a lock a bucket."""

    def __init__(self) -> None:
        self._counts = [0] * (len(STEP_SECONDS) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(STEP_SECONDS, seconds)] += 1
        self._sum += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        so_far, buckets = 0, []
        for bound, count in zip((*map(str, STEP_SECONDS), "+Inf"), self._counts, strict=True):
            so_far += count
            buckets.append((bound, so_far))
        said = "From a USSD request to its reply, in seconds"
        yield HistogramMetricFamily("kunnafoni_ussd_seconds", said, buckets=buckets, sum_value=self._sum)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.waits = Waits()
        self.registry.register(self.waits)
        self.sms = Counter("kunnafoni_sms_received", "SMS taken, the first time", registry=self.registry)
        self.kept = Counter(
            "kunnafoni_kept", "Steps of calls that kept something, durably", registry=self.registry
        )
        self.repeats = Counter(
            "kunnafoni_repeats", "Requests that had come before", ["bearer"], registry=self.registry
        )
        self.sorry = Counter(
            "kunnafoni_sorry", "Calls told that we are away", ["reason"], registry=self.registry
        )
        self.refused = Counter(
            "kunnafoni_refused",
            "Requests turned away because there were too many",
            ["by"],
            registry=self.registry,
        )
        self.calls_ended = Counter(
            "kunnafoni_calls_ended",
            "Calls by how the network says they ended",
            ["status"],
            registry=self.registry,
        )
        self.sent = Counter(
            "kunnafoni_sms_sent", "SMS by what became of them", ["state"], registry=self.registry
        )
        self.segments = Counter(
            "kunnafoni_sms_segments", "SMS segments taken by a provider", registry=self.registry
        )
        self.reports = Counter(
            "kunnafoni_delivery_reports", "Delivery reports", ["status"], registry=self.registry
        )
        self.alerts = Counter(
            "kunnafoni_alerts", "Alerts by what was done about them", ["what"], registry=self.registry
        )
        self.release = Gauge(
            "kunnafoni_release", "The release new conversations begin on", registry=self.registry
        )
