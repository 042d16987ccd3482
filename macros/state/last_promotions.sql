{% macro last_promotions(promotions, versions, by='task_fingerprint', until='null') -%}
    {#- Each question has its own champion: none is better than another question's. What was decided
        on later labels is not known yet where time was set back, and what was decided meanwhile is
        older than it: the order is that of the labels, then of the log, and no clock's. -#}
    select
        version_id,
        task_fingerprint,
        promotion_id,
        promotion_number,
        newest_version_number,
        decided_at,
        decided_by
    from (
        select
            versions.version_id,
            versions.task_fingerprint,
            promotions.promotion_id,
            promotions.promotion_number,
            promotions.newest_version_number,
            promotions.decided_at,
            promotions.decided_by,
            row_number() over (
                partition by versions.{{ by }}
                order by
                    promotions.newest_label_date desc,
                    promotions.promotion_number desc,
                    promotions.promotion_id desc
            ) as place
        from {{ promotions }} as promotions
        inner join {{ versions }} as versions
            on promotions.challenger_version = versions.version_id
        where
            promotions.decision = 'promoted'
            and promotions.newest_label_date
            <= coalesce({{ until }}, promotions.newest_label_date)
    ) as promoted
    where place = 1
{%- endmacro %}
