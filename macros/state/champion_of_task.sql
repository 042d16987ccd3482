{% macro champion_of_task(task_fingerprint) %}
    {#- The version that was promoted last for a question, or none; as `training_plan` and
        `attrition_champion` find it. -#}
    {%- set versions = attrition.state_relation('attrition_model_artefacts') -%}
    {%- set promotions = attrition.state_relation('attrition_promotions') -%}
    {%- if not adapter.get_relation(
        database=promotions.database,
        schema=promotions.schema,
        identifier=promotions.identifier
    ) -%}
        {%- do exceptions.raise_compiler_error(
            'Nothing was judged yet: run `dbt build` to its end first.'
        ) -%}
    {%- endif -%}
    {%- set found = run_query(
        'select promotions.challenger_version from ' ~ promotions ~ ' as promotions'
        ~ ' inner join ' ~ versions ~ ' as versions'
        ~ ' on promotions.challenger_version = versions.version_id'
        ~ " where promotions.decision = 'promoted'"
        ~ ' and versions.task_fingerprint = ' ~ attrition.text_literal(task_fingerprint)
        ~ ' order by promotions.decided_at desc, promotions.promotion_id desc limit 1'
    ) -%}
    {% do return(found.rows[0][0] if found.rows | length > 0 else none) %}
{% endmacro %}
