select
    version_id,
    model,
    column_number,
    fill,
    lowest,
    highest,
    mean,
    scale,
    coefficient,
    missing_mean,
    missing_scale,
    missing_coefficient
from {{ ref('ml_champion') }}
where part = 'linear'
