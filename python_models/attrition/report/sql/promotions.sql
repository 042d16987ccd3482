select
    promotions.promotion_number,
    promotions.decided_at,
    promotions.challenger_version,
    promotions.incumbent_version,
    promotions.metric,
    promotions.challenger_value,
    promotions.incumbent_value,
    promotions.gain,
    promotions.gain_lower,
    promotions.gain_upper,
    promotions.decision,
    promotions.reason
from attrition_promotions as promotions
order by promotions.promotion_number desc
limit 10
