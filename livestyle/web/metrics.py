"""Metrics: figures of the server as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from livestyle import __version__
from livestyle.web.folders import name_of
from livestyle.web.studio import Studio


class StudioCollector(Collector):
    """Reads the figures of *studio* when it is asked."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def collect(self) -> Iterator[Metric]:
        """Yield each figure, for each look by its source and number."""
        yield GaugeMetricFamily("livestyle_viewers", "who watch now", self._studio.viewers)
        version = GaugeMetricFamily("livestyle_info", "1, with the version", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        labels = ["source", "look"]
        info = GaugeMetricFamily(
            "livestyle_look_info", "1, with the style that is set", labels=[*labels, "style"]
        )
        fps = GaugeMetricFamily("livestyle_fps", "frames painted per second", labels=labels)
        waiting = GaugeMetricFamily("livestyle_waiting", "1 while the source is lost, else 0", labels=labels)
        slow = GaugeMetricFamily(
            "livestyle_latency_seconds", "from captured to painted, 95th percentile", labels=labels
        )
        frames = CounterMetricFamily("livestyle_frames", "frames painted", labels=labels)
        dropped = CounterMetricFamily("livestyle_dropped", "frames left out for newer ones", labels=labels)
        for key, look in self._studio.looks.items():
            figures, names = look.figures(), [key.source, str(look.number)]
            info.add_metric([*names, name_of(look.controls.style)], 1)
            fps.add_metric(names, figures.fps)
            waiting.add_metric(names, figures.waiting)
            slow.add_metric(names, figures.slow_latency_ms / 1000)
            frames.add_metric(names, figures.frames)
            dropped.add_metric(names, figures.dropped)
        yield from (info, fps, waiting, slow, frames, dropped)


def tell(studio: Studio) -> str:
    """Return the figures of *studio* in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(StudioCollector(studio))
    return generate_latest(registry).decode()
