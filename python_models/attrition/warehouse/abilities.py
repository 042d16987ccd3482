"""What each warehouse can do, by the name of dbt's adapter."""

from attrition.errors import AttritionError
from attrition.settings.abilities import Abilities

ABILITIES = {
    "duckdb": Abilities(
        engines=("local", "ray"),
        engines_with_gpu=("local", "ray"),
        trains_here=True,
        reads_files=True,
        is_a_file=True,
    ),
    "snowflake": Abilities(
        engines=("local", "snowflake_ml_job"),
        engines_with_gpu=("snowflake_ml_job",),
        trains_here=False,
        reads_files=False,
        is_a_file=False,
    ),
}


def abilities_of(adapter: str) -> Abilities:
    """Return what the warehouse of one of dbt's adapters can do.

    Raises:
        AttritionError: The library does not know it.
    """
    if adapter not in ABILITIES:
        raise AttritionError(
            f"The profile's output is of type {adapter}; allowed: {', '.join(ABILITIES)}. Name "
            "another with --target; a new warehouse gets a module in attrition/warehouse."
        )
    return ABILITIES[adapter]
