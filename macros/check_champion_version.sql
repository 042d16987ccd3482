{% macro check_champion_version() %}
    {#- Before any table is touched: a pinned champion is one of the versions. -#}
    {%- set pinned = attrition.setting('champion_version') -%}
    {%- if not execute or not pinned or flags.WHICH not in ('build', 'run') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set place = attrition.state_relation('attrition_model_versions') -%}
    {%- set relation = adapter.get_relation(
        database=place.database, schema=place.schema, identifier=place.identifier
    ) -%}
    {%- set versions = run_query(
        'select version_id from ' ~ relation ~ ' order by created_at desc, version_id asc'
    ).columns[0].values() | list if relation else [] -%}
    {%- if pinned not in versions -%}
        {%- do exceptions.raise_compiler_error(
            "champion_version: " ~ pinned ~ " is not a version. "
            ~ ("Versions, newest first: " ~ versions[:10] | join(', ') ~ "."
                if versions else "There is none yet: build without it first.")
        ) -%}
    {%- endif -%}
{% endmacro %}
