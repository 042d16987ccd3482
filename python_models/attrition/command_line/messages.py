"""How the commands tell of a mistake."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer
from rich.console import Console

from attrition.errors import AttritionError
from attrition.time_zone import pin_time_zone

MISTAKE = 2
FAILED = 1


def terminal() -> Console:
    """Return a console that shows text as it is: `:x:` in somebody's data is no picture."""
    return Console(highlight=False, emoji=False)


def one_clear_message(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn the errors that a person can do something about into a message and exit code 2."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        pin_time_zone()
        try:
            return command(*args, **kwargs)
        except AttritionError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(MISTAKE) from error

    return wrapped
