"""Run this project's macros with dbt's own Jinja environment, without a project or a warehouse."""

import functools
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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
def _environment():
    return get_environment(None, capture_macros=False)


@functools.cache
def _paths() -> dict[str, Path]:
    return {path.stem: path for path in MACROS.glob("*/*.sql")}


@functools.cache
def _template(path: Path):
    return _environment().from_string(path.read_text(encoding="utf-8"))


class Macros:
    """The macros of the project as functions that return what they return in dbt.

    Args:
        variables: vars of the project and the command line together.
        command_line: vars of the command line alone.
        project_name: Name of the root project.
        warehouse: dbt's adapter.
        names: What else dbt's context holds, for macros and models that need it.
    """

    def __init__(
        self,
        variables: dict[str, Any] | None = None,
        command_line: dict[str, Any] | None = None,
        project_name: str = "attrition",
        warehouse: str = "duckdb",
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
            "dbt": SimpleNamespace(type_string=lambda: "varchar"),
            "modules": SimpleNamespace(re=re),
            "fromyaml": yaml.safe_load,
            **(names or {}),
        }

    def __getattr__(self, name: str) -> Any:
        path = _paths().get(name)
        if path is None:
            raise AttributeError(name)
        return functools.partial(self._call, path, name)

    def model(self, name: str) -> str:
        """Return the SQL of a model; `names` holds its `ref`, `config` and what else it calls."""
        [path] = MODELS.glob(f"**/{name}.sql")
        return _template(path).render(self._context)

    def data_test(self, name: str) -> str:
        """Return the SQL of a data test of `tests/singular`."""
        return _template(DATA_TESTS / f"{name}.sql").render(self._context)

    def _call(self, path: Path, name: str, *args: Any, **kwargs: Any) -> Any:
        module = _template(path).make_module(self._context)
        try:
            return str(getattr(module, f"dbt_macro__{name}")(*args, **kwargs))
        except Returned as returned:
            return returned.value

    def _dispatch(self, name: str, _package: str = "attrition") -> Any:
        path = _paths()[name]
        own = f"{self._context['target'].type}__{name}"
        has_own = f"macro {own}(" in path.read_text(encoding="utf-8")
        return functools.partial(self._call, path, own if has_own else f"default__{name}")
