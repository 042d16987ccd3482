"""Change vars in `dbt_project.yml` and keep everything else as it stands, comments included."""

import difflib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from attrition.errors import AttritionError

_PACKAGE = "attrition"


def changed_project_file(text: str, values: Mapping[str, Any]) -> str:
    """Return the text of a `dbt_project.yml` with some vars set.

    A project of another name gets them under `vars: attrition:`, where dbt looks for a package's
    vars; so does this project where it already has that mapping.

    Raises:
        AttritionError: When the text is not YAML or has no mapping where one is needed.
    """
    yaml = _yaml()
    try:
        project = yaml.load(text)
    except YAMLError as error:
        raise AttritionError(f"dbt_project.yml is not valid YAML: {error}") from error
    if not isinstance(project, CommentedMap):
        raise AttritionError("dbt_project.yml is not a mapping of names to values.")
    if project.get("vars") is None:
        project["vars"] = CommentedMap()
    place = project["vars"]
    if not isinstance(place, CommentedMap):
        raise AttritionError("vars in dbt_project.yml is not a mapping of names to values.")
    if project.get("name") != _PACKAGE and _PACKAGE not in place:
        place[_PACKAGE] = CommentedMap()
    # what stands below `attrition` wins over what stands above it, so it must change there
    own = place.get(_PACKAGE)
    target = own if isinstance(own, CommentedMap) else place
    for name, value in values.items():
        target[name] = _in_one_line(value)
    written = io.StringIO()
    yaml.dump(project, written)
    return written.getvalue()


def difference(before: str, after: str, name: str = "dbt_project.yml") -> str:
    """Return a unified diff with two lines of context."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, name, n=2
    )
    return "".join(lines)


def replace_file(path: Path, text: str) -> None:
    """Write a text file so that no half of it is ever seen."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(
        type(None), lambda writer, _: writer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return yaml


def _in_one_line(value: Any) -> Any:
    """Return lists and mappings in the style that stands on one line."""
    if isinstance(value, Mapping):
        mapping = CommentedMap((key, _in_one_line(item)) for key, item in value.items())
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, (list, tuple)):
        sequence = CommentedSeq(_in_one_line(item) for item in value)
        sequence.fa.set_flow_style()
        return sequence
    return value
