"""What is wrong with a setting, in one line that names it, its value and what is allowed."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

Node = Mapping[str, Any]


def nearest(name: str, names: Iterable[str], cutoff: float = 0.5) -> str | None:
    """Return the one of `names` that is most like `name`, or None when none is like it."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    found = difflib.get_close_matches(str(name).lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return ` Did you mean x?`, or nothing when no name is near."""
    found = nearest(name, names)
    return f" Did you mean {found}?" if found else ""


def shown(value: Any) -> str:
    """Write a value as in YAML on one line, texts in double quotes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    return str(value)


def unknown_setting(name: str, names: Iterable[str]) -> str:
    """Say that a setting does not exist."""
    return f"{name} is not a setting.{did_you_mean(name, names)}"


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
    if kind == "extra_forbidden":
        return _unknown(location, schema)
    if location[-1] == "[key]":
        location = location[:-2]
    path, node = _walk(location, schema)
    if kind == "missing":
        return f"{path} is missing; allowed: {node['allowed']}."
    if kind == "union_tag_invalid":
        modes = {"choices": list(node["modes"]), "allowed": ", ".join(node["modes"])}
        return not_allowed(f"{path}.mode", value["mode"], modes)
    if kind in {"reversed", "log"}:
        return f"{path}: {shown(value)}: {error['msg']}."
    if kind == "repeated":
        return f"{path}: {shown(error['ctx']['item'])} stands there twice."
    return not_allowed(path, value, node)


def _unknown(location: list[Any], schema: Mapping[str, Node]) -> str:
    if len(location) == 1:
        return unknown_setting(location[0], schema)
    path, node = _walk(location[:-1], schema)
    return _unknown_key(path, str(location[-1]), node)


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
            path, node = f"{path}.{part}", node["item"]
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
