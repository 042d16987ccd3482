{% macro champion_of_task(task_fingerprint) %}
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
        'select version_id from (' ~ attrition.last_promotions(
            promotions, versions, until=attrition.newest_label_of_task(task_fingerprint)
        ) ~ ') as champions where task_fingerprint = '
        ~ attrition.text_literal(task_fingerprint)
    ) -%}
    {% do return(found.rows[0][0] if found.rows | length > 0 else none) %}
{% endmacro %}
