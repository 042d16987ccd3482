-- the champion, or where there is none the newest version that answers the question of the settings
select
    versions.*,
    champion.version_id is not null as is_in_charge
from attrition_model_versions as versions
inner join attrition_model_artefacts as artefacts
    on versions.version_id = artefacts.version_id
inner join training_plan
    on artefacts.task_fingerprint = training_plan.task_fingerprint
left join attrition_champion as champion
    on versions.version_id = champion.version_id
order by is_in_charge desc, versions.version_number desc
limit 1
