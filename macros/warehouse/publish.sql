{% macro publish(results) %}
    {#- After a whole build that left no error: refresh the copy that people read. -#}
    {{ return(adapter.dispatch('publish', 'attrition')(results)) }}
{% endmacro %}

{% macro default__publish(results) %}
    {%- do attrition.stop_for_unknown_warehouse('publish') -%}
{% endmacro %}

{% macro duckdb__publish(results) %}
    {%- if execute and flags.WHICH in ('build', 'run') and results -%}
        {%- set public = graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'model')
            | selectattr('package_name', 'equalto', 'attrition')
            | selectattr('access', 'equalto', 'public')
            | list -%}
        {%- set built = results
            | selectattr('status', 'in', ['success', 'pass', 'warn'])
            | map(attribute='node.unique_id')
            | list -%}
        {%- set broken = results | selectattr('status', 'in', ['error', 'fail', 'skipped']) | list -%}
        {%- set missing = public | rejectattr('unique_id', 'in', built) | list -%}
        {%- if invocation_args_dict.get('empty') -%}
            {%- do log('Not published: this run read no rows (--empty); readers keep the last copy.', true) -%}
        {%- elif broken -%}
            {%- do log('Not published: this run left errors; readers keep the last copy.', true) -%}
        {%- elif missing -%}
            {%- do log(
                'Not published: this run built a part; `attrition publish` publishes what is there.',
                true
            ) -%}
        {%- else -%}
            {%- set names = [] -%}
            {%- for node in public | sort(attribute='alias') -%}
                {%- do names.append([node.schema, node.alias]) -%}
            {%- endfor -%}
            {%- set told = run_query(
                "select attrition_publish('" ~ tojson(names) ~ "', '"
                ~ tojson(attrition.setting('publish')) ~ "')"
            ) -%}
            {%- do log(told.columns[0].values()[0], true) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro snowflake__publish(results) %}
    {#- On Snowflake the tables are read where they were built. -#}
{% endmacro %}
