"""The built sample's champion scores by SQL alone what `dbt build` scored."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.xdist_group("built")

ASK = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
connection.execute('''
    create temp table my_table as select * from modeling_dataset
    where as_of_date = (select max(as_of_date) from attrition_scores)
''')
print(*connection.execute('''
    select count(*), max(abs(by_sql.attrition_probability - scores.attrition_probability)),
        bool_and(by_sql.model_version = scores.model_version)
    from score_customers('my_table') as by_sql
    inner join attrition_scores as scores using (customer_id)
''').fetchone())
assert not {'attrition', 'xgboost', 'numpy'} & set(sys.modules)
"""


def test_sql_scores_the_sample_as_the_build_did_without_python(built):
    told = subprocess.run(
        [sys.executable, "-I", "-c", ASK, str(built.published_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    rows, difference, is_same_version = told.stdout.split()
    assert int(rows) == built.query("select count(*) from attrition_scores")[0][0] > 1000
    assert float(difference) < 1e-6
    assert is_same_version == "True"
