"""Validate sources and the fields of each kind of claim against the JSON Schemas beside."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from kervan.record.dates import date_bounds

__all__ = ["Finding", "findings"]

Finding = tuple[str, str, str]
"""Field, problem and remedy."""

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("edtf", raises=ValueError)
def _is_edtf(value: object) -> bool:
    return not isinstance(value, str) or bool(date_bounds(value))


def findings(schema: str, value: object, prefix: str = "") -> Iterator[Finding]:
    """Yield everything that is wrong with a value.

    Parameters
    ----------
    schema : str
        ``source``, ``claim`` or a kind.
    value : object
        Parsed JSON.
    prefix : str, optional
        Path of the value inside its line.

    Yields
    ------
    tuple of str
        Field, problem, remedy.
    """
    for error in _validator(schema).iter_errors(value):
        yield from _explain(error, prefix)


@cache
def _validator(schema: str) -> Draft202012Validator:
    content = _resolve(_load(f"{schema}.schema.json"))
    return Draft202012Validator(content, format_checker=_FORMATS)


@cache
def _load(name: str) -> Any:
    text = files("kervan.record").joinpath("schema", name).read_text(encoding="utf-8")
    return json.loads(text)


def _resolve(part: Any) -> Any:
    """Put the shared values in the place of each reference to them (faster than a registry)."""
    if isinstance(part, dict):
        if "$ref" in part:
            name = str(part["$ref"]).rpartition("/")[2]
            return _resolve(_load("values.schema.json")["$defs"][name])
        return {key: _resolve(value) for key, value in part.items()}
    return [_resolve(value) for value in part] if isinstance(part, list) else part


def _explain(error: ValidationError, prefix: str) -> Iterator[Finding]:
    path = ".".join([prefix, *map(str, error.absolute_path)]).strip(".")
    if error.validator == "anyOf" and error.context and not isinstance(error.instance, float):
        error = _nearest(error)
        path = ".".join([prefix, *map(str, error.absolute_path)]).strip(".")
    known = list(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else []
    instance: Any = error.instance
    rule: Any = error.validator_value
    if error.validator == "required":
        for name in rule:
            # one error is raised for each missing name, and its message names it
            if name not in instance and repr(name) in error.message:
                yield f"{path}.{name}".strip("."), "is missing", "add it"
    elif error.validator == "additionalProperties":
        for name in instance:
            if name not in known:
                yield f"{path}.{name}".strip("."), "is no field here", _suggest(name, known)
    else:
        yield path, *_say(error)


def _nearest(error: ValidationError) -> ValidationError:
    """Return the fault of the alternative that fits best: the deepest one."""
    context = error.context or [error]
    return max(context, key=lambda found: (len(found.absolute_path), found.validator != "type"))


def _suggest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(str(name), known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"take one of {', '.join(known)}"


def _say(error: ValidationError) -> tuple[str, str]:
    shown = json.dumps(error.instance, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    rule = error.validator_value
    if isinstance(error.instance, float):
        return f"{shown} is a binary number", f'write it as text: "{error.instance:f}"'
    says: dict[str, tuple[str, str]] = {
        "enum": (f"{shown} is not allowed", f"take one of {', '.join(map(str, _list(rule)))}"),
        "format": (f"{shown} is no date", "write 2017, 2017-10, 2017-10-30, 2017~ or a/b"),
        "pattern": (f"{shown} has the wrong form", f"it must match {rule}"),
        "type": (f"{shown} has the wrong type", f"it must be {' or '.join(_list(rule))}"),
        "minLength": ("is empty", "fill it in"),
        "minItems": ("is an empty list", "name at least one, or leave the field out"),
        "minProperties": ("is empty", "say at least one thing"),
    }
    name = str(error.validator)
    return says.get(name, (f"{shown} breaks the rule {name}", f"the rule is {rule}"))


def _list(rule: object) -> list[str]:
    return [str(item) for item in rule] if isinstance(rule, list) else [str(rule)]
