"""How much better this project is than a peer, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.measures import LOWER_IS_BETTER, METRICS, Measured, interval_of

GAINS = ("roc_auc", "log_loss")


@dataclass(frozen=True)
class Gain:
    """This project against one peer, on the same rows.

    Attributes:
        gain: The project's metric minus the peer's, the other way round where lower is better: a
            positive gain is always in favour of this project.
        interval: 95 % interval of each gain.
    """

    gain: Mapping[str, float] = field(default_factory=dict)
    interval: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, ours: Measured, peer: Measured) -> "Gain":
        """Return the gains of two systems that `measure` judged on the same rows.

        The interval is that of the difference within each bootstrap sample, which holds the same
        customers for both: what makes customers easy or hard for both cancels out. It is therefore
        narrower than the two systems' own intervals suggest.
        """
        gain, interval = {}, {}
        for name in GAINS:
            sign = -1 if name in LOWER_IS_BETTER else 1
            column = METRICS.index(name)
            gain[name] = sign * (ours.metrics[name] - peer.metrics[name])
            interval[name] = interval_of(sign * (ours.samples[:, column] - peer.samples[:, column]))
        return cls(gain, interval)
