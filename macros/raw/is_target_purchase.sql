{% macro is_target_purchase() -%}
    {#- Whether a sales record is a purchase that counts for the trained target. -#}
    (
        product_type in ('{{ attrition.target_product_types() | join("', '") }}')
        and not is_return
        and quantity > 0
    )
{%- endmacro %}
