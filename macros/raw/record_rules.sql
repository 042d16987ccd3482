{% macro record_rules(table) %}
    {#- What only this table asks of its records: pairs of a rule's name and the SQL condition
        that breaks it. -#}
    {%- set today = attrition.today() -%}
    {% do return({
        'complaint': [
            ('closed_before_opened', 'closed_on < opened_on'),
            ('closed_on_beyond_today', 'closed_on > ' ~ today),
        ],
        'demographics': [
            ('impossible_birth_date', "birth_date < date '1900-01-01'"),
            ('impossible_insulin_since', "insulin_since < date '1900-01-01'"),
            ('birth_date_beyond_today', 'birth_date > ' ~ today),
            ('insulin_since_beyond_today', 'insulin_since > ' ~ today),
        ],
        'warranty': [
            ('no_ends_on', 'ends_on is null'),
            ('ends_before_it_starts', 'ends_on < starts_on'),
        ],
    }.get(table, [])) %}
{% endmacro %}
