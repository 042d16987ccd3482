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
    {%- set promotions = attrition.state_relation('attrition_promotions') -%}
    {%- call statement('promote_model', auto_begin=true) -%}
        insert into {{ promotions }} (
            promotion_id, promotion_number, newest_version_number, decided_at, run_id,
            challenger_version, incumbent_version, newest_label_date, decision, decided_by, reason
        )
        select
            '{{ local_md5('operator|' ~ version ~ '|' ~ invocation_id) }}',
            (select coalesce(max(promotion_number), 0) + 1 from {{ promotions }}),
            (select max(version_number)
            from {{ attrition.state_relation('attrition_model_artefacts') }}),
            cast('{{ decided_at }}' as timestamp),
            '{{ invocation_id }}',
            {{ attrition.text_literal(version) }},
            {{ attrition.text_literal(champion) if champion else 'null' }},
            coalesce(
                {{ attrition.newest_label_of_task(chosen.task_fingerprint) }},
                (select max(newest_label_date) from {{ promotions }}
                where challenger_version in (
                    select version_id
                    from {{ attrition.state_relation('attrition_model_artefacts') }}
                    where task_fingerprint = {{ attrition.text_literal(chosen.task_fingerprint) }}
                )),
                cast('{{ chosen.newest_label_date }}' as date)
            ),
            'promoted',
            'operator',
            {{ attrition.text_literal(reason | string | trim) }}
    {%- endcall -%}
    {#- dbt rolls back what an operation leaves open. -#}
    {%- do adapter.commit() -%}
    {%- do log(attrition.promotion_outcome(chosen, champion), true) -%}
{% endmacro %}
