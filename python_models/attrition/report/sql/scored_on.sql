select max(scored_at) as scored_at
from attrition_scores
