select
    version_id,
    method,
    base_margin,
    slope,
    intercept,
    intercepts_by_month,
    knot_margins,
    knot_probabilities,
    node_count,
    term_count,
    column_count
from {{ ref('ml_champion') }}
where part = 'calibration'
