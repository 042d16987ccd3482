{% macro domain_of(model_name) %}
    {#- The domain whose accepted records stand in this model, none where it is no such model. -#}
    {% do return({
        'int_records__sales': 'sales',
        'stg_complaint__records': 'complaint',
        'stg_touchpoint__records': 'touchpoint',
        'stg_startright__records': 'startright',
        'stg_warranty__records': 'warranty',
        'stg_demographics__records': 'demographics',
    }.get(model_name)) %}
{% endmacro %}
