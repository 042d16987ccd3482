"""The columns that say what pushes a customer's risk, against a row-by-row look at the table."""

import duckdb

from app.pushes import pushed_cells, pushes_sql

FEATURES = ["days_since_last_order", "order_count_12m", "region"]


def test_a_sign_says_which_way_a_value_pushes():
    with duckdb.connect() as connection:
        connection.execute("""
            create table attrition_contributions (
                customer_id varchar, feature varchar, feature_value varchar, contribution double
            );
            insert into attrition_contributions values
                ('C1', 'days_since_last_order', '74', 0.4),
                ('C1', 'order_count_12m', '9', -0.2),
                ('C1', 'tenure', '3', 9),
                ('C2', 'days_since_last_order', null, 0.1),
                ('C2', 'order_count_12m', '2', 0),
                ('C9', 'days_since_last_order', '1', -1)
        """)
        sql, values = pushes_sql(["C2", "C1", "C3"], FEATURES)
        cursor = connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert len(rows) == 4
    assert pushed_cells(["C2", "C1", "C3"], FEATURES, rows) == {
        "days since last order": ["▲ unknown", "▲ 74", ""],
        "order count, 12 months": ["2", "▼ 9", ""],
    }


def test_where_nothing_is_kept_there_is_no_column():
    assert pushed_cells(["C1"], FEATURES, []) == {}
