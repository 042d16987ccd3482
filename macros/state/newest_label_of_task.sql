{% macro newest_label_of_task(task_fingerprint) -%}
    {#- The newest label of the last build, null where it answered another question. -#}
    (
        select max(newest_label_date)
        from {{ attrition.state_relation('training_plan') }}
        where task_fingerprint = {{ attrition.text_literal(task_fingerprint) }}
    )
{%- endmacro %}
