"""What settings depend on of the warehouse that the project is built on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Abilities:
    """What a warehouse can do; the defaults are those of one that runs in this process.

    Attributes:
        engines: Where it can train, as the setting `engine` calls it.
        reads_files: Whether raw records of one's own are files, and not declared tables.
        is_a_file: Whether a build is a file of its own, which is published as another.
    """

    engines: tuple[str, ...] = ("local",)
    reads_files: bool = True
    is_a_file: bool = True


HERE = Abilities()
ANYWHERE = Abilities(engines=("local", "snowflake_ml_job"), reads_files=False)
"""Of no warehouse in particular: what depends on one was checked where it is known."""
