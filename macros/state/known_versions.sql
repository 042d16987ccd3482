{% macro known_versions() %}
    {#- The versions that there are, newest first; nothing where none was ever trained. -#}
    {%- set place = attrition.state_relation('attrition_model_artefacts') -%}
    {%- set relation = adapter.get_relation(
        database=place.database, schema=place.schema, identifier=place.identifier
    ) -%}
    {%- if not relation -%}
        {% do return([]) %}
    {%- endif -%}
    {%- set found = run_query(
        'select version_id, task_fingerprint, newest_label_date from ' ~ relation
        ~ ' order by version_number desc'
    ) -%}
    {%- set versions = [] -%}
    {%- for row in found.rows -%}
        {%- do versions.append({
            'version_id': row[0], 'task_fingerprint': row[1], 'newest_label_date': row[2]
        }) -%}
    {%- endfor -%}
    {% do return(versions) %}
{% endmacro %}
