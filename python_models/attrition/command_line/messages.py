"""How the commands tell of a mistake."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from attrition.errors import AttritionError

MISTAKE = 2
FAILED = 1


def one_clear_message(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn the errors that a person can do something about into a message and exit code 2."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except AttritionError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(MISTAKE) from error

    return wrapped
