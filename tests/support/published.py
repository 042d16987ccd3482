"""A small published file for tests of what reads it."""

from pathlib import Path

import duckdb

_METRICS = """
    100 as row_count, 20 as attrition_count, 0.71 as roc_auc, 0.42 as average_precision,
    0.35 as log_loss, 0.11 as brier_score, 0.021 as ece, 2.5 as lift_top_decile
"""


def write_published(path: Path, champion: bool = True) -> Path:
    """Write the tables that the summary reads, for 12 customers and two rejected rules."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"""
            create table attrition_scores as
            select
                'c' || n as customer_id, date '2024-07-01' as as_of_date,
                n / 20.0 as attrition_probability, n > 6 as is_predicted_attrition,
                'No order for ' || 10 * n || ' days' as reason_1_text
            from range(1, 13) as t(n) where {champion};
            create table attrition_champion as
            select 'v1' as version_id, 'first version: 0.71' as promotion_reason where {champion};
            create table attrition_promotions as
            select unnest(['too few rows', 'older', 'of another question']) as reason,
                unnest([2, 1, 3]) as promotion_number,
                unnest(['v1', 'v1', 'v2']) as challenger_version;
            create table attrition_model_artefacts as
            select unnest(['v1', 'v2']) as version_id, unnest([1, 2]) as version_number,
                unnest(['six months', 'three months']) as task_fingerprint;
            create table attrition_model_versions as
            select unnest(['v1', 'v2']) as version_id,
                unnest(['0.6 of boosted trees and 0.4 of a logistic regression', 'recency'])
                    as model_form;
            create table training_plan as
            select 'six months' as task_fingerprint, 'no training: v1 has them' as reason;
            create table attrition_model_metrics as
            select 'v1' as version_id, unnest(['test', 'test', 'train']) as split,
                unnest([date '2024-01-01', date '2023-12-01', date '2024-01-01'])
                    as newest_label_date,
                {_METRICS};
            create table attrition_baselines as
            select
                * replace (0.6 as roc_auc),
                unnest(['recency', 'logistic_regression']) as baseline
            from attrition_model_metrics;
            create table attrition_rejected_records as
            select
                'sales' as table_name,
                unnest(['no_sold_on', 'no_sold_on', 'no_identifier']) as rule;
        """)
    return path
