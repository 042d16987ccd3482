-- the last word of the gate on a version that answers the question of the settings
select
    promotions.decided_at,
    promotions.challenger_version,
    promotions.decision,
    promotions.reason
from attrition_promotions as promotions
inner join attrition_model_artefacts as artefacts
    on promotions.challenger_version = artefacts.version_id
inner join training_plan
    on artefacts.task_fingerprint = training_plan.task_fingerprint
order by promotions.promotion_number desc
limit 1
