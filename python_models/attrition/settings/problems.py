"""What is wrong with a setting, in one line that names it, its value and what is allowed."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

Node = Mapping[str, Any]

# How much of a value is shown: characters of a text, items of a list, levels.
_LONG = 100
_MANY = 20
_DEEP = 3
_LARGE = 10**30
# More than any setting has.
_DEEPEST = 10
_VALUES = 10_000


def nearest(name: str, names: Iterable[str], cutoff: float = 0.5) -> str | None:
    """Return the one of `names` that is most like `name`, or None when none is like it."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    found = difflib.get_close_matches(str(name).lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return ` Did you mean x?` or what else helps, or nothing when no name is near."""
    names = tuple(names)
    if name.partition(":")[0] in names:
        return _blank_is_missing(name)
    found = nearest(name, names)
    return f" Did you mean {found}?" if found else ""


def _blank_is_missing(key: Any) -> str:
    """Say how to write a key such as `months:3`, which YAML reads as one text without a value."""
    name, _, value = str(key).partition(":")
    return f" Write a blank after the colon: {plain(name)}: {plain(value)}." if value else ""


def plain(text: str) -> str:
    """Write a text of somebody's on one line, and not all of one that is very long."""
    if len(text) > _LONG:
        text = f"{text[:_LONG]}... ({len(text)} characters)"
    # surrogates and control characters: a terminal refuses the ones and obeys the others
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def shown(value: Any, depth: int = 0) -> str:
    """Write a value as in YAML on one line, texts in double quotes; a large one not wholly."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{plain(value)}"'
    if isinstance(value, int) and abs(value) > _LARGE:
        return "a number of more than 30 digits"
    if isinstance(value, (Mapping, list, tuple)):
        return _shown_items(value, depth)
    return plain(str(value))


def _shown_items(value: Mapping[Any, Any] | Sequence[Any], depth: int) -> str:
    is_mapping = isinstance(value, Mapping)
    start, end = "{}" if is_mapping else "[]"
    if depth == _DEEP and value:
        return f"{start}...{end}"
    items = [
        f"{key_shown(item)}: {shown(value[item], depth + 1)}"
        if is_mapping
        else shown(item, depth + 1)
        for item in islice(value, _MANY)
    ]
    if len(value) > _MANY:
        items.append(f"... ({len(value)} of them)")
    return start + ", ".join(items) + end


def shown_as_yaml(value: Any) -> str:
    """Write a value as people write YAML: quotes only around what needs them."""
    return re.sub(r'"([\w./:-]+)"', r"\1", shown(value))


def key_shown(key: Any) -> str:
    """Write the key of a mapping: a text as it is."""
    return plain(key) if isinstance(key, str) else shown(key)


def unknown_setting(name: Any, names: Iterable[str]) -> str:
    """Say that a setting does not exist."""
    hint = did_you_mean(name, names) if isinstance(name, str) else ""
    return f"{key_shown(name)} is not a setting.{hint}"


def too_much(value: Any, depth: int = 0, seen: list[None] | None = None) -> str | None:
    """Say why no setting is like this value, however it reads on: nested for ever, or huge.

    An anchor of YAML may stand within what it names, and a few of them may stand for millions.
    """
    seen = [] if seen is None else seen
    seen.append(None)
    if len(seen) > _VALUES:
        return f"it holds more than {_VALUES} values"
    if not isinstance(value, (Mapping, list, tuple)):
        return None
    if depth == _DEEPEST:
        return f"it is nested more than {_DEEPEST} deep, or contains itself by an anchor of YAML"
    items = value.values() if isinstance(value, Mapping) else value
    found = (too_much(item, depth + 1, seen) for item in items)
    return next((problem for problem in found if problem), None)


def not_allowed(path: str, value: Any, node: Node) -> str:
    """Say that a value is of the wrong type or outside what is allowed."""
    choices = node.get("choices", ())
    hint = did_you_mean(value, choices) if isinstance(value, str) else ""
    return f"{path}: {shown(value)} is not allowed; allowed: {node['allowed']}.{hint}"


def problem_lines(errors: Iterable[Mapping[str, Any]], schema: Mapping[str, Node]) -> list[str]:
    """Translate pydantic's errors.

    Args:
        errors: `ValidationError.errors()` of `Settings`.
        schema: Result of `settings_schema()`.
    """
    errors = list(errors)
    places = {tuple(error["loc"]) for error in errors}
    return [
        _problem(error, schema)
        for error in errors
        if not (error["type"] == "too_short" and _is_consequence(tuple(error["loc"]), places))
    ]


def _is_consequence(place: tuple[Any, ...], places: set[tuple[Any, ...]]) -> bool:
    """Say whether a list is short only because its items are wrong."""
    return any(other[: len(place)] == place and other != place for other in places)


def _problem(error: Mapping[str, Any], schema: Mapping[str, Node]) -> str:
    location, kind, value = list(error["loc"]), error["type"], error["input"]
    if kind in {"extra_forbidden", "invalid_key"}:
        return _unknown(location, schema)
    is_key = location[-1] == "[key]"
    path, node = _walk(location[:-2] if is_key else location, schema)
    if is_key:
        path, node = f"{path}, a key", node["key"]
    if kind == "missing":
        return f"{path} is missing; allowed: {node['allowed']}."
    if kind == "union_tag_invalid":
        modes = {"choices": list(node["modes"]), "allowed": ", ".join(node["modes"])}
        return not_allowed(f"{path}.mode", value["mode"], modes)
    if kind in {"reversed", "log"}:
        return f"{path}: {shown(value)}: {error['msg']}."
    if kind == "repeated":
        return f"{path}: {shown(error['ctx']['item'])} stands there twice."
    hint = _blank_is_missing(location[-1]) if value is None else ""
    return not_allowed(path, value, node) + hint


def _unknown(location: list[Any], schema: Mapping[str, Node]) -> str:
    if len(location) == 1:
        return unknown_setting(location[0], schema)
    path, node = _walk(location[:-1], schema)
    return _unknown_key(path, key_shown(location[-1]), node)


def _unknown_key(path: str, key: str, node: Node) -> str:
    names = [*(["mode"] if "mode" in node else []), *node["fields"]]
    label = f"{path} with mode {node['mode']}" if "mode" in node else path
    return f"{path}.{key} is not a key of {label}; keys: {', '.join(names)}." + did_you_mean(
        key, names
    )


def _walk(location: list[Any], schema: Mapping[str, Node]) -> tuple[str, Node]:
    """Follow a pydantic location through the nodes; return the path in words and the node."""
    path, node = location[0], schema[location[0]]
    for part in location[1:]:
        kind = node["type"]
        if kind == "modes":
            node = {"type": "fields", "mode": part, "fields": node["modes"][part]}
        elif kind == "range":
            node = node["number"] if part == "fixed" else range_node(node["number"], node)
        elif kind == "choice_or_list":
            node = node["list"] if part == "names" else node
        elif kind == "list":
            node = node["item"]
        elif kind == "mapping":
            path, node = f"{path}.{key_shown(part)}", node["item"]
        else:
            path, node = f"{path}.{part}", node["fields"][part]
    return path, node


def range_node(number: Node, node: Node) -> Node:
    """Return the node of the mapping form of a hyperparameter."""
    return {
        "type": "fields",
        "allowed": node["allowed"],
        "fields": {
            "min": number,
            "max": number,
            "log": {"type": "boolean", "allowed": "true, false"},
        },
    }
