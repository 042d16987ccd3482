"""YAML that a person wrote: plain data, or one sentence that says why it cannot be read."""

from pathlib import Path
from typing import Any

from attrition.errors import AttritionError


def read_yaml(text: str, name: str) -> Any:
    """Return the plain data of a YAML text.

    Args:
        text: The text.
        name: What it is, as a sentence about it begins: a file, an option.

    Raises:
        AttritionError: It cannot be read.
    """
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AttritionError(f"{name} is not valid YAML: {error}") from error
    except RecursionError as error:
        raise AttritionError(f"{name} is nested too deeply to be read.") from error
    # what a value says of itself and is not: !!int "x", !!bool 3, the 30th of February
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise AttritionError(
            f"{name} holds a value that is not of the type that it is written as: {error}. "
            "Look for a !! or a date that does not exist, and put texts in quotes."
        ) from error


def read_yaml_file(path: Path, name: str) -> Any:
    """Return the plain data of a YAML file; arguments and errors as of `read_yaml`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise AttritionError(f"{name} cannot be read as UTF-8: {error}") from error
    return read_yaml(text, name)
