{% macro target_product_types() %}
    {#- The product types whose purchase keeps a customer, for the trained target. -#}
    {% do return({
        'is_attrition_c': ['consumable'],
        'is_attrition_s': ['sensor'],
        'is_attrition_cs': ['consumable', 'sensor'],
    }[attrition.setting('target')]) %}
{% endmacro %}
