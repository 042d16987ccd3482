select
    version_id,
    tree,
    node,
    column_number,
    threshold,
    is_missing_below,
    leaf
from {{ ref('ml_champion') }}
where part = 'trees'
