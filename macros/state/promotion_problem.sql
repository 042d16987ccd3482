{% macro promotion_problem(version, reason, versions) %}
    {#- Why a person's promotion cannot be recorded, in a sentence; none where it can. -#}
    {%- set names = versions | map(attribute='version_id') | list -%}
    {%- set newest = ' Versions, newest first: ' ~ names[:10] | join(', ') ~ '.' -%}
    {%- if not names -%}
        {% do return('There is no version yet: run `dbt build` first.') %}
    {%- elif version is none or not version | string | trim -%}
        {% do return('version: name the one to promote.' ~ newest) %}
    {%- elif version not in names -%}
        {% do return(attrition.missing_version('version', version, names)) %}
    {%- elif reason is none or not reason | string | trim -%}
        {% do return(
            'reason: say why ' ~ version ~ ' is to score; the sentence stays in'
            ~ ' attrition_promotions.'
        ) %}
    {%- endif -%}
    {% do return(none) %}
{% endmacro %}
