{% macro promote_model(version=none, reason=none) %}
    {#- A person's decision, appended to the log like the gate's; rolling back is the same. -#}
    {%- set version = version | string | trim if version is not none else none -%}
    {%- set versions = attrition.known_versions() -%}
    {%- set problem = attrition.promotion_problem(version, reason, versions) -%}
    {%- if problem -%}
        {%- do exceptions.raise_compiler_error(problem) -%}
    {%- endif -%}
    {%- set chosen = versions | selectattr('version_id', 'equalto', version) | first -%}
    {%- set champion = attrition.champion_of_task(chosen.task_fingerprint) -%}
    {%- if champion == version -%}
        {%- do exceptions.raise_compiler_error(
            'version: ' ~ version ~ ' is the champion already; nothing was changed.'
        ) -%}
    {%- endif -%}
    {%- set decided_at = modules.datetime.datetime.now(modules.pytz.utc).strftime(
        '%Y-%m-%d %H:%M:%S.%f'
    ) -%}
    {%- call statement('promote_model', auto_begin=true) -%}
        insert into {{ attrition.state_relation('attrition_promotions') }} (
            promotion_id, decided_at, run_id, challenger_version, incumbent_version,
            newest_label_date, decision, decided_by, reason
        )
        select
            '{{ local_md5('operator|' ~ version ~ '|' ~ invocation_id) }}',
            cast('{{ decided_at }}' as timestamp),
            '{{ invocation_id }}',
            {{ attrition.text_literal(version) }},
            {{ attrition.text_literal(champion) if champion else 'null' }},
            cast('{{ chosen.newest_label_date }}' as date),
            'promoted',
            'operator',
            {{ attrition.text_literal(reason | string | trim) }}
    {%- endcall -%}
    {#- dbt rolls back what an operation leaves open. -#}
    {%- do adapter.commit() -%}
    {%- do log(attrition.promotion_outcome(chosen, champion), true) -%}
{% endmacro %}
