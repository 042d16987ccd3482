"""What differs between warehouses is in one folder, and a third warehouse gets an error."""

import re

import pytest
from attrition.warehouse.abilities import ABILITIES
from macro_harness import MACROS, CompilerError, Macros

DISPATCH = re.compile(r"adapter\.dispatch\('(\w+)'")
IMPLEMENTATION = re.compile(rf"\{{%-? *macro (default|{'|'.join(ABILITIES)})__(\w+)\(([^)]*)\)")
WAREHOUSE = MACROS / "warehouse"
SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted(MACROS.rglob("*.sql"))}
DISPATCHED = sorted({name for text in SOURCES.values() for name in DISPATCH.findall(text)})


def test_all_that_is_dispatched_lies_in_one_folder():
    assert len(DISPATCHED) > 15
    elsewhere = [
        path.name
        for path, text in SOURCES.items()
        if path.parent != WAREHOUSE and (DISPATCH.search(text) or IMPLEMENTATION.search(text))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("name", DISPATCHED)
def test_it_is_written_for_every_warehouse_and_for_no_other(name):
    written = IMPLEMENTATION.findall(SOURCES[WAREHOUSE / f"{name}.sql"])
    assert sorted((which, of) for which, of, _ in written) == [
        (which, name) for which in sorted(["default", *ABILITIES])
    ]
    [arguments] = {arguments for _, _, arguments in written}
    values = ["value" for argument in arguments.split(",") if argument]
    with pytest.raises(CompilerError) as stopped:
        getattr(Macros(warehouse="elsewhere"), name)(*values)
    assert str(stopped.value) == (
        f'Nobody wrote `{name}` for the warehouse "elsewhere"; allowed: {", ".join(ABILITIES)}. To'
        f" add one, write the macro `elsewhere__{name}` into macros/warehouse/{name}.sql."
    )
