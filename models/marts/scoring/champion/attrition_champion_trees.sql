select
    version_id,
    tree,
    node,
    column_number,
    threshold,
    below_node,
    other_node,
    missing_node,
    leaf
from {{ ref('ml_champion') }}
where part = 'trees'
