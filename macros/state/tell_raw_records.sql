{% macro tell_raw_records(id, is_theirs) %}
    {#- Whether raw records would bring a customer back, in a sentence; looked for where the last
        build read them. -#}
    {%- set left = [] -%}
    {%- for domain in attrition.setting('feature_domains') -%}
        {%- set place = attrition.state_relation('stg_' ~ domain ~ '__records') -%}
        {%- set staged = adapter.get_relation(
            database=place.database, schema=place.schema, identifier=place.identifier
        ) -%}
        {%- set is_gone = attrition.setting('raw_data') != 'sample'
            and attrition.missing_raw_table(domain) -%}
        {%- if staged and staged.is_table -%}
            {#- A project's own choice; the rows were deleted there, which says nothing of raw. -#}
            {%- do left.append(domain ~ ' not known, as its staging model is a table') -%}
        {%- elif staged and not is_gone -%}
            {%- set count = run_query(
                'select count(*) from ' ~ staged ~ ' where ' ~ is_theirs
            ).rows[0][0] | int -%}
            {%- if count -%}
                {%- do left.append(domain ~ ' ' ~ count) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if left -%}
        {% do return(
            'The raw tables still hold records of ' ~ id ~ ': ' ~ left | join(', ')
            ~ '. Nothing here writes to raw data: remove them there, or the next build brings '
            ~ id ~ ' back.'
        ) %}
    {%- endif -%}
    {% do return('No raw record holds ' ~ id ~ '.') %}
{% endmacro %}
