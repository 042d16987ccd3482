"""The settings as plain nodes that Jinja can read too, derived from the pydantic model.

A node is a mapping with some of these keys:

- `type`: `text`, `integer`, `number`, `boolean`, `list`, `mapping` (any keys), `fields` (known
  keys), `modes` (known keys that depend on the key `mode`), `range` (a number, or min and max),
  `choice_or_list`;
- `allowed`: what is allowed, in words; `default`; `default_months` or
  `default_horizons`, where the default is null and
  stands for as many time buckets as these months have; `nullable`; `description`; `group`;
  `decides`;
- `choices`, `pattern`, `minimum`, `maximum` (both allowed; of a text its length), `above`, `below`
  (both excluded);
- `item`: the node of a list's items or a mapping's values; `key`: the node of a mapping's keys;
  `unique`; `min_items`; `max_items`;
- `fields`: {name: node}; a node without `default` must be given; `modes`: {mode: {name: node}};
  `mode_descriptions`: {mode: text}; `number`: the node of a range's numbers; `list`: the node of
  the list form.
"""

from collections.abc import Mapping
from typing import Any

Node = dict[str, Any]

_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "minLength": "minimum",
    "maxLength": "maximum",
}
_OPEN_BOUNDS = {"above": "above", "below": "below", "maximum": "up to"}
_SCALARS = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}


def compact(json_schema: Mapping[str, Any]) -> dict[str, Node]:
    """Return {setting: node} of the JSON schema of a pydantic model."""
    definitions = json_schema.get("$defs", {})
    return {name: _node(field, definitions) for name, field in json_schema["properties"].items()}


def _node(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Node:
    """Return the node of one JSON schema, with its default and description."""
    schema = _resolve(schema, definitions)
    options = schema.get("anyOf", [])
    by_grain = [key for key in ("default_months", "default_horizons") if key in schema]
    nullable = bool(by_grain) or any(option.get("type") == "null" for option in options)
    kept = [option for option in options if option.get("type") != "null"]
    inner = _resolve(kept[0], definitions) if kept else schema
    node = _shape(inner, definitions)
    words = schema.get("allowed") or inner.get("allowed") or allowed(node)
    node["allowed"] = words + (", or null" if nullable else "")
    if nullable:
        node["nullable"] = True
    if by_grain:
        node |= {"default": None} | {key: schema[key] for key in by_grain}
    if "default" in schema:
        node["default"] = schema["default"]
    node |= {key: schema[key] for key in ("description", "decides") if key in schema}
    return node


def _resolve(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Replace a reference by what it refers to; keys beside the reference win."""
    if "$ref" not in schema:
        return dict(schema)
    target = definitions[schema["$ref"].removeprefix("#/$defs/")]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _shape(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Node:
    """Return the part of a node that says what a value must look like."""
    if "oneOf" in schema:
        return _union([_resolve(option, definitions) for option in schema["oneOf"]], definitions)
    if schema["type"] == "array":
        return {
            "type": "list",
            "item": _node(schema["items"], definitions),
            "unique": schema.get("uniqueItems", False),
            "min_items": schema.get("minItems", 0),
            "max_items": schema["maxItems"],
        }
    if schema["type"] == "object":
        return _object(schema, definitions)
    node: Node = {"type": _SCALARS[schema["type"]]}
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
    if choices:
        node["choices"] = list(choices)
    if "pattern" in schema:
        node["pattern"] = schema["pattern"]
    return node | {ours: schema[theirs] for theirs, ours in _BOUNDS.items() if theirs in schema}


def _object(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Node:
    if "properties" not in schema:
        [(key_pattern, item)] = schema["patternProperties"].items()
        key = {"type": "string", "pattern": key_pattern, **schema["propertyNames"]}
        return {
            "type": "mapping",
            "key": _node(key, definitions),
            "item": _node(item, definitions),
            "max_items": schema["maxProperties"],
        }
    return {
        "type": "fields",
        "fields": {name: _node(field, definitions) for name, field in schema["properties"].items()},
    }


def _union(options: list[dict[str, Any]], definitions: Mapping[str, Any]) -> Node:
    """Return the node of one of the three unions that the settings know."""
    if all("mode" in option.get("properties", {}) for option in options):
        modes = {option["properties"]["mode"]["const"]: option for option in options}
        return {
            "type": "modes",
            "modes": {
                mode: {
                    name: _node(field, definitions)
                    for name, field in option["properties"].items()
                    if name != "mode"
                }
                for mode, option in modes.items()
            },
            "mode_descriptions": {mode: option["description"] for mode, option in modes.items()},
        }
    first, second = (_node(option, definitions) for option in options)
    if second["type"] == "fields":
        bounds = {key: first[key] for key in ("type", *_BOUNDS.values()) if key in first}
        return {"type": "range", "number": bounds | {"allowed": first["allowed"]}}
    return {
        "type": "choice_or_list",
        "choices": first["choices"],
        "list": second,
    }


def allowed(node: Mapping[str, Any]) -> str:
    """Say in words which values a node allows."""
    words = {
        "modes": _modes_words,
        "fields": lambda fields: "keys " + ", ".join(fields["fields"]),
        "mapping": lambda mapping: f"a mapping, each {mapping['item']['allowed']}",
        "list": _list_words,
        "range": lambda range_: (
            f"{range_['number']['allowed']}, or {{min, max, log}} of such numbers"
        ),
        "choice_or_list": lambda choice: (
            f"{', '.join(choice['choices'])}, or {choice['list']['allowed']}"
        ),
    }
    return words.get(node["type"], _scalar_words)(node)


def _modes_words(node: Mapping[str, Any]) -> str:
    return "; or ".join(_mode_words(mode, fields) for mode, fields in node["modes"].items())


def _mode_words(mode: str, fields: Mapping[str, Node]) -> str:
    named = [name for name, node in fields.items() if not node.get("nullable")]
    return "{" + ", ".join([f"mode: {mode}", *named]) + "}"


def _list_words(node: Mapping[str, Any]) -> str:
    item = node["item"]
    if "choices" in item:
        words = "a list of " + ", ".join(item["choices"])
    elif item["type"] == "text":
        words = "a list of names"
    else:
        words = f"a list, each {item['allowed']}"
    if node["unique"]:
        words += ", none twice"
    if node["min_items"]:
        words += ", not empty"
    return words + (f", at most {node['max_items']}" if "choices" not in item else "")


def _scalar_words(node: Mapping[str, Any]) -> str:
    if "choices" in node:
        return ", ".join(node["choices"])
    words = {"text": "a text", "boolean": "true or false"}.get(node["type"])
    if words:
        return words
    noun = "a whole number" if node["type"] == "integer" else "a number"
    if "minimum" in node and "maximum" in node:
        return f"{noun} from {node['minimum']} to {node['maximum']}"
    if "minimum" in node:
        return f"{noun} of at least {node['minimum']}"
    bounds = [f"{words} {node[key]}" for key, words in _OPEN_BOUNDS.items() if key in node]
    return " ".join([noun, " and ".join(bounds)]).strip()
