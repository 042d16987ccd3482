"""Run this project's macros with dbt's own Jinja environment, without a project or a warehouse."""

import functools
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import yaml
from dbt_common.clients.jinja import get_environment

ROOT = Path(__file__).resolve().parents[2]
MACROS = ROOT / "macros"
MODELS = ROOT / "models"
DATA_TESTS = ROOT / "tests" / "singular"


class Returned(Exception):
    """Carries what a macro returns, as dbt's `return` does."""

    def __init__(self, value: Any) -> None:
        self.value = value


class CompilerError(Exception):
    """Stands for dbt's compilation error."""


def _return(value: Any = None) -> None:
    raise Returned(value)


def _raise_compiler_error(message: str) -> None:
    raise CompilerError(message)


@functools.cache
def _environment(is_strict: bool):
    environment = get_environment(None, capture_macros=False)
    if is_strict:
        environment.undefined = jinja2.StrictUndefined
    return environment


@functools.cache
def _paths() -> dict[str, Path]:
    return {path.stem: path for path in MACROS.glob("*/*.sql")}


@functools.cache
def _template(path: Path):
    # Stricter than dbt, for which a name that nobody knows is an empty text. Macros that read the
    # schema of the settings ask for keys that only some of them have.
    environment = _environment(is_strict=path.parent != MACROS / "settings")
    return environment.from_string(path.read_text(encoding="utf-8"))


class Macros:
    """The macros of the project as functions that return what they return in dbt.

    Args:
        variables: vars of the project and the command line together.
        command_line: vars of the command line alone.
        project_name: Name of the root project.
        warehouse: dbt's adapter.
        made: The table that an incremental model appends to; none where it is built anew.
        names: What else dbt's context holds; what is named as a macro stands in its place.
    """

    def __init__(
        self,
        variables: dict[str, Any] | None = None,
        command_line: dict[str, Any] | None = None,
        project_name: str = "attrition",
        warehouse: str = "duckdb",
        made: str | None = None,
        names: dict[str, Any] | None = None,
    ) -> None:
        values = {**(variables or {}), **(command_line or {})}
        self._context = {
            "attrition": self,
            "return": _return,
            "var": lambda name, default=None: values.get(name, default),
            "exceptions": SimpleNamespace(raise_compiler_error=_raise_compiler_error),
            "invocation_args_dict": {"vars": command_line or {}},
            "project_name": project_name,
            "target": SimpleNamespace(type=warehouse),
            "execute": True,
            "adapter": SimpleNamespace(dispatch=self._dispatch, quote=lambda name: f'"{name}"'),
            "ref": lambda name: name,
            "config": lambda **_: "",
            "is_incremental": lambda: made is not None,
            "this": made,
            "dbt": SimpleNamespace(
                type_string=lambda: "varchar",
                hash=lambda expression: f"md5(cast({expression} as varchar))",
            ),
            "modules": SimpleNamespace(re=re),
            "fromyaml": yaml.safe_load,
            **(names or {}),
        }
        self._names = names or {}

    def __getattr__(self, name: str) -> Any:
        if name in self._names:
            return self._names[name]
        path = _paths().get(name)
        if path is None:
            raise AttributeError(name)
        return functools.partial(self.call, path, name)

    def model(self, name: str) -> str:
        """Return the SQL of a model."""
        [path] = MODELS.glob(f"**/{name}.sql")
        return _template(path).render(self._context)

    def data_test(self, name: str) -> str:
        """Return the SQL of a data test of `tests/singular`."""
        return _template(DATA_TESTS / f"{name}.sql").render(self._context)

    def call(self, path: Path, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a macro of a file, the project's or another's."""
        module = _template(path).make_module(self._context)
        try:
            return str(getattr(module, f"dbt_macro__{name}")(*args, **kwargs))
        except Returned as returned:
            return returned.value

    def _dispatch(self, name: str, _package: str = "attrition") -> Any:
        path = _paths()[name]
        own = f"{self._context['target'].type}__{name}"
        has_own = f"macro {own}(" in path.read_text(encoding="utf-8")
        return functools.partial(self.call, path, own if has_own else f"default__{name}")
