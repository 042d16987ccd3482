"""The files that are written from the definition of the settings and the raw contract.

`attrition settings write` (or `python -m attrition.settings.docs`) writes them; a test compares
them with what this module would write.
"""

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrition.settings.feature_names import FeatureDefinition, find_definitions
from attrition.settings.model import settings_schema
from attrition.settings.problems import shown_as_yaml
from attrition.settings.raw_names import SOURCES_FILE, read_raw_tables
from attrition.settings.time_grain import buckets_in_months, buckets_text

_GENERATED = "{{# Written by `attrition settings write` from {source}: edit that instead. #}}\n"
_WIDTH = 100
# Up to a comma that is in no text.
_PARTS = re.compile(r"""(?:'[^']*'|"[^"]*"|[^,'"])+,\s*""")

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
_SEED_TYPES = {"date": "date", "number": "double", "boolean": "boolean"}


def generated_files(
    definitions: Sequence[FeatureDefinition], raw_tables: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return {path in the project: text} of every generated file."""
    schema = settings_schema()
    return {
        "docs/settings.md": settings_page(schema),
        "macros/settings/settings_schema.sql": schema_macro(schema),
        "macros/settings/feature_definitions.sql": definitions_macro(definitions),
        "seeds/_raw_seeds.yml": seeds_page(raw_tables),
    }


def write_files(project_dir: Path) -> list[Path]:
    """Write the generated files that are not current; return their paths."""
    written = []
    files = generated_files(find_definitions(project_dir), read_raw_tables(project_dir))
    for name, text in files.items():
        path = project_dir / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def seeds_page(raw_tables: Sequence[Mapping[str, Any]]) -> str:
    """Return the YAML of the sample: a seed for each raw table, with the table's columns."""
    lines = [
        f"# Written by `attrition settings write` from {SOURCES_FILE}: edit that instead.",
        "version: 2",
        "",
        "seeds:",
    ]
    for table in raw_tables:
        name = table["name"]
        lines += [
            f"  - name: raw_{name}",
            f"    description: Generated sample of the source {name}; no real customer is in it.",
            "    config:",
            f"      enabled: \"{{{{ var('raw_data') == 'sample' and '{name}' in "
            "var('feature_domains') }}\"",
            # typed, dbt does not try every type on every value
            "      column_types:",
        ]
        lines += [
            f"        {column['name']}: "
            f"{_SEED_TYPES.get(column['config']['meta']['type'], 'varchar')}"
            for column in table["columns"]
        ]
        lines.append("    columns:")
        for column in table["columns"]:
            text = str(column["description"]).strip().replace('"', '\\"')
            lines += [f"      - name: {column['name']}", f'        description: "{text}"']
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


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
        default = f"`{shown_as_yaml(node['default'])}`" if has_default else "required"
        if months := node.get("default_months"):
            default += f": {_in_buckets(months, 'month')}, or {_in_buckets(months, 'week')}"
        if shares := node.get("default_horizons"):
            default += f": {', '.join(f'{share:g}' for share in shares)} times `attrition_horizon`"
        values = "see below" if node["type"] in {"modes", "fields"} else node["allowed"]
        yield f"`{name}`", default, values, node["description"]


def _in_buckets(months: int, grain: str) -> str:
    return buckets_text(buckets_in_months(months, grain), grain)


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
    """Return the macro `settings_schema`: a line or few for each setting."""
    head = _GENERATED.format(source="python_models/attrition/settings/model.py")
    items = _items(f"{name!r}: {_one_line(_by_kind(node))}" for name, node in schema.items())
    return (
        f"{head}{{% macro settings_schema() %}}\n    {{{{ return({{\n{items}    }}) }}}}\n"
        "{% endmacro %}\n"
    )


def _by_kind(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the macro `setting_problems` reads: {kind of value: what it must be like}.

    A kind is `text`, `integer`, `number` (whole ones too), `boolean`, `list` or `mapping`. Beside
    the kinds stand, where given, `allowed` (in words, where it is not the choices), `default`,
    `default_months`, `default_horizons`, `optional` and `decides`.
    """
    facts = {"optional": True} if node.get("nullable") else {}
    passed = ("allowed", "default", "default_months", "default_horizons", "decides")
    kept = {key: node[key] for key in passed if key in node}
    if kept["allowed"] == ", ".join(node.get("choices", ())):
        del kept["allowed"]
    return _forms(node) | kept | facts


def _forms(node: Mapping[str, Any]) -> dict[str, Any]:
    forms = {
        "modes": lambda: {
            "mapping": {
                "mode": node["default"]["mode"],
                "modes": {mode: _fields(fields) for mode, fields in node["modes"].items()},
            }
        },
        "fields": lambda: {"mapping": {"fields": _fields(node["fields"])}},
        "mapping": lambda: {
            "mapping": {
                "maximum": node["max_items"],
                "key": _by_kind(node["key"]),
                "item": _by_kind(node["item"]),
            }
        },
        "list": lambda: {
            "list": {
                "minimum": node["min_items"],
                "maximum": node["max_items"],
                "item": _by_kind(node["item"]),
            }
        },
        "range": lambda: _forms(node["number"]) | {"mapping": {"range": _by_kind(node["number"])}},
        "choice_or_list": lambda: {"text": {"choices": node["choices"]}} | _forms(node["list"]),
    }
    return forms.get(node["type"], lambda: _scalar(node))()


def _scalar(node: Mapping[str, Any]) -> dict[str, Any]:
    limits = ("choices", "pattern", "minimum", "maximum", "above", "below")
    form = {key: node[key] for key in limits if key in node}
    return {node["type"]: form}


def _fields(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: _by_kind(node) for name, node in nodes.items()}


def definitions_macro(definitions: Sequence[FeatureDefinition]) -> str:
    """Return the macro `feature_definitions`: what the columns of the dataset are named after."""
    head = _GENERATED.format(source="seeds/attrition_feature_definitions.csv")
    rows = [
        [
            one.feature,
            one.domain,
            one.windows,
            one.data_type,
            one.monotone_direction,
            one.told_as,
            one.compared_with,
        ]
        for one in definitions
    ]
    return (
        f"{head}{{% macro feature_definitions() %}}\n"
        "    {#- Name, domain, windows, type, direction, told as, compared with. -#}\n"
        f"    {{{{ return([\n{_items(map(_one_line, rows))}    ]) }}}}\n{{% endmacro %}}\n"
    )


def _items(items: Iterable[str]) -> str:
    """Write the items of a literal, each from a line of its own, broken between its parts."""
    lines = []
    for item in items:
        line = " " * 8
        for part in _PARTS.findall(item + ","):
            if len(line) + len(part.rstrip()) > _WIDTH and line.strip():
                lines.append(line.rstrip())
                line = " " * 12
            line += part
        lines.append(line.rstrip())
    return "".join(f"{line}\n" for line in lines)


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
