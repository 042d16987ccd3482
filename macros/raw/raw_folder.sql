{% macro raw_folder() %}
    {#- The folder of the raw files. A relative one lies in the project's folder, wherever dbt was
        called from and whoever reads a view on the files. -#}
    {%- set location = (attrition.setting('raw_location') or '').rstrip('/') -%}
    {%- if location.startswith('/') or '://' in location or location[1:2] == ':' -%}
        {% do return(location) %}
    {%- endif -%}
    {% do return((invocation_args_dict.get('project_dir') or '.') ~ '/' ~ location) %}
{% endmacro %}
