{% macro file_exists(path) %}
    {%- set found = run_query("select count(*) from glob('" ~ path ~ "')") -%}
    {% do return(found.columns[0].values()[0] | int > 0) %}
{% endmacro %}
