"""The files that are written from the definition of the settings.

`attrition settings write` (or `python -m attrition.settings.docs`) writes them; a test compares
them with what this module would write.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrition.settings.feature_names import FeatureDefinition, find_definitions
from attrition.settings.model import settings_schema
from attrition.settings.problems import shown
from attrition.settings.reserved_columns import KEY_COLUMNS, SQL_WORDS

_NOT_FOR_JINJA = {"description", "group"}
_GENERATED = "{{# Written by `attrition settings write` from {source}: edit that instead. #}}\n"
_WIDTH = 88

_DOCS_HEAD = """# Settings

Every setting is a var of dbt. Defaults stand in `dbt_project.yml`; change them there, or for one
run with `--vars '{attrition_horizon: 3}'`. A mapping may name only the keys that change: the
others keep their defaults. Every command of dbt checks all of them before it reads a model, so do
`attrition check` and `make build`. Where dbt runs without the library (a hosted dbt), names, types
and ranges are checked; what settings mean together, training checks.

Settings name a feature as `seeds/attrition_feature_definitions.csv` does, with its window in the
place of `{window}`, also where `rename_cols` gives it another name.

This page is written by `attrition settings write` from `python_models/attrition/settings/model.py`.
"""


def generated_files(definitions: Sequence[FeatureDefinition]) -> dict[str, str]:
    """Return {path in the project: text} of every generated file."""
    schema = settings_schema()
    return {
        "docs/settings.md": settings_page(schema),
        "macros/settings/settings_schema.sql": schema_macro(schema),
        "macros/settings/feature_definitions.sql": definitions_macro(definitions),
        "macros/settings/reserved_columns.sql": reserved_macro(),
    }


def write_files(project_dir: Path) -> list[Path]:
    """Write the generated files that are not current; return their paths."""
    written = []
    for name, text in generated_files(find_definitions(project_dir)).items():
        path = project_dir / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def settings_page(schema: Mapping[str, Mapping[str, Any]]) -> str:
    """Return `docs/settings.md`: one table a group, and one for each setting with keys."""
    groups: dict[str, list[str]] = {}
    for name, node in schema.items():
        groups.setdefault(node["group"], []).append(name)
    parts = [_DOCS_HEAD]
    for group, names in groups.items():
        parts.append(f"\n## {group}\n\n" + _table(_rows({name: schema[name] for name in names})))
        parts += [_keys(name, schema[name]) for name in names]
    return "".join(parts)


def _rows(nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    for name, node in nodes.items():
        has_default = "default" in node
        default = f"`{shown(node['default'])}`".replace('"', "") if has_default else "required"
        values = "see below" if node["type"] in {"modes", "fields"} else node["allowed"]
        yield f"`{name}`", default, values, node["description"]


def _table(rows: Iterator[tuple[str, str, str, str]]) -> str:
    head = "| setting | default | values | meaning |\n|---|---|---|---|\n"
    return head + "".join("| " + " | ".join(row) + " |\n" for row in rows)


def _keys(name: str, node: Mapping[str, Any]) -> str:
    """Return the table of the keys of one setting, or nothing when it has none."""
    if node["type"] == "fields":
        rows = _rows({f"{name}.{key}": field for key, field in node["fields"].items()})
        return f"\nKeys of `{name}`:\n\n" + _table(rows)
    if node["type"] == "modes":
        lines = []
        for mode, fields in node["modes"].items():
            lines.append((f"`{name}.mode`", f"`{mode}`", "", node["mode_descriptions"][mode]))
            lines += _rows({f"{name}.{key}": field for key, field in fields.items()})
        return f"\nModes of `{name}`, each with its keys:\n\n" + _table(iter(lines)).replace(
            "| setting | default |", "| key | mode, or default |"
        )
    return ""


def schema_macro(schema: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the macro `settings_schema`: the nodes without their descriptions."""
    head = _GENERATED.format(source="python_models/attrition/settings/model.py")
    body = _literal(_without(schema, _NOT_FOR_JINJA), indent=4)
    return (
        f"{head}{{% macro settings_schema() %}}\n    {{{{ return({body}) }}}}\n{{% endmacro %}}\n"
    )


def definitions_macro(definitions: Sequence[FeatureDefinition]) -> str:
    """Return the macro `feature_definitions`: what the names of features are checked against."""
    head = _GENERATED.format(source="seeds/attrition_feature_definitions.csv")
    rows = [
        [
            one.feature,
            one.domain,
            one.windows,
            one.is_core,
            one.is_sensitive,
            one.data_type,
            one.monotone_direction,
        ]
        for one in definitions
    ]
    return (
        f"{head}{{% macro feature_definitions() %}}\n"
        "    {#- Name, domain, windows, in the preset core?, sensitive?, type, direction. -#}\n"
        f"    {{{{ return({_literal(rows, indent=4)}) }}}}\n{{% endmacro %}}\n"
    )


def reserved_macro() -> str:
    """Return the macro `reserved_columns`: names that no feature may be renamed to."""
    head = _GENERATED.format(source="python_models/attrition/settings/reserved_columns.py")
    names = {"key_columns": KEY_COLUMNS, "sql_words": SQL_WORDS}
    return (
        f"{head}{{% macro reserved_columns() %}}\n"
        f"    {{{{ return({_literal(names, indent=4)}) }}}}\n{{% endmacro %}}\n"
    )


def _without(value: Any, keys: set[str]) -> Any:
    """Leave out keys of nodes at every depth, but not names of settings."""
    if isinstance(value, Mapping):
        return {
            key: _without(item, keys) if key not in {"default"} else item
            for key, item in value.items()
            if not (key in keys and isinstance(item, str)) and key != "mode_descriptions"
        }
    return [_without(item, keys) for item in value] if isinstance(value, (list, tuple)) else value


def _literal(value: Any, indent: int) -> str:
    """Write a value as a Jinja literal, on one line where it fits."""
    line = _one_line(value)
    if len(line) + indent <= _WIDTH or not isinstance(value, (Mapping, list, tuple)) or not value:
        return line
    inner = " " * (indent + 4)
    if isinstance(value, Mapping):
        items = [f"{key!r}: {_literal(item, indent + 4)}" for key, item in value.items()]
        opening, closing = "{", "}"
    else:
        items = [_literal(item, indent + 4) for item in value]
        opening, closing = "[", "]"
    lines = "".join(f"{inner}{item},\n" for item in items)
    return f"{opening}\n{lines}{' ' * indent}{closing}"


def _one_line(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_one_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_one_line(item) for item in value) + "]"
    return repr(value)


def main() -> None:
    """Write the files into the project at `--project-dir`."""
    parser = argparse.ArgumentParser(description=write_files.__doc__)
    parser.add_argument("--project-dir", type=Path, default=Path())
    write_files(parser.parse_args().project_dir)


if __name__ == "__main__":
    main()
