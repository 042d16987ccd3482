-- `champion_version` names a version that is not in `attrition_model_versions`: nothing
-- downstream of `attrition_champion` is built, so that the last scores stay.
{%- set pinned = attrition.setting('champion_version') %}

with champion as (

    select * from {{ ref('attrition_champion') }}

),

final as (

    select {{ dbt.string_literal(pinned or '') }} as champion_version
    where
        {{ 'true' if pinned else 'false' }}
        and not exists (select 1 from champion)

)

select * from final
