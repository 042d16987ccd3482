{% macro tell_python(results) %}
    {#- At the end of a run: what the Python models said, where dbt has shown nothing of it. -#}
    {{ return(adapter.dispatch('tell_python', 'attrition')(results)) }}
{% endmacro %}

{% macro default__tell_python(results) %}
    {%- do attrition.stop_for_unknown_warehouse('tell_python') -%}
{% endmacro %}

{% macro duckdb__tell_python(results) %}
    {#- On DuckDB the models run in this process, and its terminal has shown it. -#}
{% endmacro %}

{% macro snowflake__tell_python(results) %}
    {#- Python's clock is Snowflake's; some seconds are allowed for the difference. -#}
    {%- set ran = (results or []) | selectattr('node.language', 'equalto', 'python')
        | selectattr('node.package_name', 'equalto', 'attrition') | list -%}
    {%- if not execute or flags.WHICH not in ('build', 'run') or not ran -%}
        {% do return('') %}
    {%- endif -%}
    {%- set kept = api.Relation.create(
        database=ran[0].node.database, schema=ran[0].node.schema,
        identifier='attrition_python_log'
    ) -%}
    {#- dbt's own list of relations lacks what a procedure has made during the run. -#}
    {%- set found = run_query(
        "select count(*) from " ~ kept.database ~ ".information_schema.tables"
        ~ " where lower(table_schema) = lower('" ~ kept.schema ~ "')"
        ~ " and lower(table_name) = 'attrition_python_log'"
    ) -%}
    {%- if found.columns[0].values()[0] | int -%}
        {%- set since = run_started_at - modules.datetime.timedelta(seconds=10) -%}
        {%- for row in run_query(
            "select model, level, said from " ~ kept
            ~ " where said_at >= '" ~ since.strftime('%Y-%m-%d %H:%M:%S')
            ~ "' order by said_at, said"
        ).rows -%}
            {%- do log(row[0] ~ ', ' ~ row[1] ~ ': ' ~ row[2], true) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
