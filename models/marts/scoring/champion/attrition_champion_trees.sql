select
    version_id,
    tree,
    node,
    column_number,
    threshold,
    is_missing_below,
    leaf,
    gain
from {{ ref('ml_champion') }}
where part = 'trees'
