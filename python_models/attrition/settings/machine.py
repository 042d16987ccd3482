"""What the machine that trains lacks for the settings `engine` and `device`."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator

RAY_IS_MISSING = (
    "engine: ray needs the package ray, which is not installed; run `make ray-install` or "
    "`pip install -r requirements-ray.lock`, or set engine to local."
)
GPU_IS_MISSING = (
    "device: cuda was asked for and XGBoost finds no graphics card; set device to cpu, or see that "
    "nvidia-smi lists one and run `make gpu-install`, for xgboost-cpu cannot use it."
)


def lacking(engine: str, device: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (names of the settings involved, what this machine lacks for them and the fix).

    The graphics cards of `ray` are those of its cluster, which looks for them itself.
    """
    if engine == "ray" and importlib.util.find_spec("ray") is None:
        yield ("engine",), RAY_IS_MISSING
    if device == "cuda" and engine != "ray" and not has_gpu():
        yield ("device",), GPU_IS_MISSING


def has_gpu() -> bool:
    """Say whether XGBoost fits on a graphics card here; where it does not, it would use the CPU."""
    import numpy as np
    import xgboost

    with xgboost.config_context(verbosity=0):
        matrix = xgboost.DMatrix(np.ones((1, 1)))
        booster = xgboost.Booster({"device": "cuda"}, [matrix])
        configuration = json.loads(booster.save_config())
    return configuration["learner"]["generic_param"]["device"].startswith("cuda")
