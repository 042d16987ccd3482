{% macro raw_location_problems() %}
    {#- A line where files are to be read and nothing says where they lie. -#}
    {%- set reads_files = attrition.setting('raw_data') == 'source'
        and attrition.reads_files() -%}
    {%- if reads_files and not attrition.setting('raw_location') -%}
        {% do return([
            'raw_location is missing: raw_data source reads '
            ~ '<raw_location>/sales.parquet or .csv; set raw_location to a folder '
            ~ 'or an s3:// address.'
        ]) %}
    {%- endif -%}
    {% do return([]) %}
{% endmacro %}
