import io
import json

from attrition.project.build_view import show_build
from rich.console import Console


def event(name: str, level: str = "info", msg: str = "", **data: object) -> str:
    return json.dumps({"info": {"name": name, "level": level, "msg": msg}, "data": data})


def shown(*lines: str, only_trouble: bool = False) -> list[str]:
    """Return what a reader without a terminal sees."""
    output = io.StringIO()
    show_build([f"{line}\n" for line in lines], Console(file=output, width=40), only_trouble)
    return output.getvalue().splitlines()


def test_a_table_is_told_when_it_is_built_and_a_passed_test_is_not():
    node = {"node_name": "attrition_scores"}
    lines = shown(
        event("ConcurrencyLine", node_count=2),
        event("LogStartLine", index=1, node_info=node),
        event("LogModelResult", index=1, execution_time=0.25, node_info=node),
        event("LogTestResult", index=2, execution_time=0.1, node_info={"node_name": "unique"}),
    )
    assert lines == ["attrition_scores  0.2 s"]


def test_a_table_that_was_kept_is_told_from_one_that_was_built():
    lines = shown(
        event(
            "LogModelResult",
            status="KEPT",
            index=1,
            execution_time=0.1,
            node_info={"node_name": "attrition_rate"},
        )
    )
    assert lines == ["attrition_rate  kept", "Tables kept: 1. Nothing that they read has changed."]


def test_tables_whose_older_rows_were_kept_are_told_with_the_day():
    status = "KEPT UP TO 2024-02-01"
    node = {"node_name": "int_features__sales"}
    told = event("LogModelResult", status=status, index=1, execution_time=1.24, node_info=node)
    assert shown(told, told) == [
        *["int_features__sales  kept up to 2024-02-01, 1.2 s"] * 2,
        "Tables kept up to 2024-02-01: 2. Later rows are new.",
    ]


def test_warnings_errors_and_what_macros_say_are_passed_on_whole():
    long = "a sentence that is wider than the forty columns of this console"
    lines = shown(
        event("RunResultError", level="error", msg=long),
        event("LogTestResult", level="warn", msg="217 records [red]"),
        event("JinjaLogInfo", msg="Published 15 tables"),
        event("MainReportVersion", msg="Running with dbt"),
    )
    assert lines == [long, "217 records [red]", "Published 15 tables"]


def test_what_macros_say_is_left_out_where_only_trouble_is_wanted():
    told = [
        event("JinjaLogInfo", msg="Not published: this run built a part"),
        event("JinjaLogWarning", level="warn", msg="217 records"),
        event("RunResultError", level="error", msg="no such column"),
    ]
    assert shown(*told, only_trouble=True) == ["217 records", "no such column"]


def test_lines_that_are_not_of_dbts_log_are_passed_on():
    assert shown("trial 1/20: auc 0.8", "", '{"a": 1}', "[1]") == [
        "trial 1/20: auc 0.8",
        '{"a": 1}',
        "[1]",
    ]
