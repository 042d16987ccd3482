"""What settings depend on of the warehouse that the project is built on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Abilities:
    """What a warehouse can do; the defaults are those of one that runs in this process.

    Attributes:
        engines: Where it can train, as the setting `engine` calls it.
        engines_with_gpu: Those of them for which `device: cuda` means something.
        trains_here: Whether its Python models run on this machine, which can be looked at.
        reads_files: Whether raw records of one's own are files, and not declared tables.
        is_a_file: Whether a build is a file of its own, which is published as another.
    """

    engines: tuple[str, ...] = ("local", "ray")
    engines_with_gpu: tuple[str, ...] = ("local", "ray")
    trains_here: bool = True
    reads_files: bool = True
    is_a_file: bool = True


HERE = Abilities()
ENGINES = ("local", "ray", "snowflake_ml_job")
ANYWHERE = Abilities(
    engines=ENGINES, engines_with_gpu=ENGINES, trains_here=False, reads_files=False
)
"""Of no warehouse in particular: what depends on one was checked where it is known."""
