{% macro last_promotions(promotions, versions, by='task_fingerprint') -%}
    {#- Each question has its own champion: none is better than another question's. -#}
    select
        version_id,
        task_fingerprint,
        promotion_id,
        decided_at,
        decided_by
    from (
        select
            versions.version_id,
            versions.task_fingerprint,
            promotions.promotion_id,
            promotions.decided_at,
            promotions.decided_by,
            row_number() over (
                partition by versions.{{ by }}
                order by promotions.decided_at desc, promotions.promotion_id desc
            ) as place
        from {{ promotions }} as promotions
        inner join {{ versions }} as versions
            on promotions.challenger_version = versions.version_id
        where promotions.decision = 'promoted'
    ) as promoted
    where place = 1
{%- endmacro %}
