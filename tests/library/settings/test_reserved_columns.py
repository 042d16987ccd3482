"""Names that a renamed feature cannot have."""

import duckdb
import pytest
from attrition.settings.reserved_columns import KEY_COLUMNS, SQL_WORDS


def test_every_column_of_the_dataset_beside_the_features_is_reserved(monthly):
    built = monthly.built
    features = {
        row["feature"] for row in built.rows("select feature from attrition_feature_catalog")
    }
    columns = set(built.query("select * from modeling_dataset limit 0").column_names)
    assert columns - features == set(KEY_COLUMNS)


def test_every_word_that_duckdb_takes_for_sql_is_reserved():
    refused = set()
    with duckdb.connect() as connection:
        keywords = connection.sql("select distinct keyword_name from duckdb_keywords()").fetchall()
        for (word,) in keywords:
            try:
                connection.sql(
                    f"select {word} from (select * rename (a as {word}) from range(1) t(a))"
                )
            except duckdb.Error:
                refused.add(word)
    assert len(refused) > 50
    assert refused <= set(SQL_WORDS)


@pytest.mark.parametrize("word", ["order", "sample", "qualify"])
def test_words_of_snowflake_are_reserved_too(word):
    assert word in SQL_WORDS
