-- 0 where SQL alone scores
select count(reason_1_text) as explained_count
from attrition_scores
