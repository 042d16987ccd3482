"""The time zone in which instants become days."""

import os


def pin_time_zone() -> None:
    """Make this process and those that it starts read instants in UTC, whatever the machine's zone.

    DuckDB asks the environment when it connects; its own setting takes an extension that is not
    everywhere.
    """
    os.environ["TZ"] = "UTC"
