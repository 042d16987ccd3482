select
    version_id,
    column_number,
    feature,
    data_type,
    encoding,
    fill_number,
    fill_level,
    level,
    level_value
from {{ ref('ml_champion') }}
where part = 'encoding'
