"""How the project's staging models read a raw value, as DuckDB SQL.

The project's own macros are rendered, so that a file is looked at as it will be read. They are text
with a column in it, and need nothing of dbt but `adapter.dispatch`.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment

from attrition.errors import AttritionError
from attrition.project.quoting import identifier
from attrition.settings.raw_names import package_folder

_FILES = (
    "warehouse/trimmed_text", "warehouse/read_date", "warehouse/read_number", "raw/read_boolean",
    "warehouse/text_literal", "warehouse/csv_records", "warehouse/csv_values",
    "warehouse/misread_lines",
)  # fmt: skip


class ContractSql:
    """SQL that reads a file, and a column of it under its own name.

    Args:
        project_dir: Folder of `dbt_project.yml`.

    Raises:
        AttritionError: The project has no such macros.
    """

    def __init__(self, project_dir: Path) -> None:
        folder = package_folder(project_dir) / "macros"
        environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)
        self._macros = _Macros()
        for name in _FILES:
            path = folder / f"{name}.sql"
            if not path.is_file():
                raise AttritionError(
                    f"{path} is missing. Run this in the project's folder, or name it with "
                    "--project-dir."
                )
            template = environment.from_string(path.read_text(encoding="utf-8"))
            self._macros.add(template.make_module(vars(self._macros)))

    def csv(self, path: Path, delimiter: str, encoding: str) -> str:
        """Return SQL of a table function that reads a CSV file with a header."""
        return str(self._macros.csv_records(str(path), delimiter, encoding)).strip()

    def misread(
        self, path: Path, delimiter: str, encoding: str, width: int, has_header: bool
    ) -> str:
        """Return SQL of a sentence for each way in which a CSV file would be misread."""
        return str(self._macros.misread_lines(str(path), delimiter, encoding, width, has_header))

    def text(self, column: str) -> str:
        """Return SQL of the trimmed text of a column, null where nothing stands there."""
        return f"nullif({self._macros.duckdb__trimmed_text(identifier(column))}, '')"

    def read(self, column: str, contract_type: str) -> str:
        """Return SQL that reads a column as a type of the contract, null where that fails."""
        if contract_type not in {"date", "number", "boolean"}:
            return self.text(column)
        return str(getattr(self._macros, f"read_{contract_type}")(identifier(column)))


class _Macros:
    """Stands for `attrition` and `adapter` in the macros."""

    def __init__(self) -> None:
        self.attrition = self.adapter = self

    def add(self, module: Any) -> None:
        for name, macro in vars(module).items():
            if callable(macro):
                setattr(self, name, macro)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no macro {name} is known here")

    def dispatch(self, name: str, _package: str) -> Any:
        return getattr(self, f"duckdb__{name}")
