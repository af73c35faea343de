"""Counters and histograms of what happens for every request: plain numbers that become metrics when they are read.

prometheus_client locks for each count, which is right for threads; these are counted by the event loop alone, and
whoever reads them from another thread gets the numbers of a moment.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class Tally:
    """A number that grows."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def inc(self, amount: float = 1) -> None:
        """Count."""
        self.value += amount


class Spread:
    """How often a measured value fell between which bounds, and the sum of all."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value; a bound belongs to what lies below it."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value


Child = TypeVar("Child", Tally, Spread)


class Family(Collector, Generic[Child]):
    """One metric. `labels` gives what counts for these values, which must be bounded; keep it, do not ask each time."""

    def __init__(self, name: str, meaning: str, label_names: Sequence[str], registry: CollectorRegistry) -> None:
        self.name = name
        self.meaning = meaning
        self.label_names = tuple(label_names)
        self._children: dict[tuple[str, ...], Child] = {}
        registry.register(self)

    def _new(self) -> Child:
        raise NotImplementedError

    def _metric(self) -> Metric:
        raise NotImplementedError

    def describe(self) -> Iterable[Metric]:
        """The metric without its numbers."""
        return [self._metric()]

    def labels(self, *values: str) -> Child:
        """The one for these values of the labels, in their order."""
        child = self._children.get(values)
        if child is None:
            if len(values) != len(self.label_names):
                raise ValueError(f"{self.name} has the labels {self.label_names}")
            child = self._children[values] = self._new()
        return child


class TallyFamily(Family[Tally]):
    """A counter; Prometheus sees its name with `_total`."""

    def _new(self) -> Tally:
        return Tally()

    def _metric(self) -> CounterMetricFamily:
        return CounterMetricFamily(self.name, self.meaning, labels=self.label_names)

    def collect(self) -> Iterable[Metric]:
        found = self._metric()
        for values, child in list(self._children.items()):
            found.add_metric(values, child.value)
        return [found]


class SpreadFamily(Family[Spread]):
    """A histogram; `bounds` are the upper ends of its buckets, the smallest first."""

    def __init__(
        self,
        name: str,
        meaning: str,
        label_names: Sequence[str],
        bounds: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._bounds = tuple(bounds)
        super().__init__(name, meaning, label_names, registry)

    def _new(self) -> Spread:
        return Spread(self._bounds)

    def _metric(self) -> HistogramMetricFamily:
        return HistogramMetricFamily(self.name, self.meaning, labels=self.label_names)

    def collect(self) -> Iterable[Metric]:
        found = self._metric()
        names = [*map(floatToGoString, self._bounds), "+Inf"]
        for values, child in list(self._children.items()):
            buckets = list(zip(names, accumulate(child.counts), strict=True))
            found.add_metric(values, buckets=buckets, sum_value=child.total)
        return [found]
