{% macro check_purchases(sales) %}
    {#- Right after the accepted sales are made: among them is a purchase that the target counts. -#}
    {%- if not execute or flags.WHICH not in ('build', 'run')
        or invocation_args_dict.get('empty') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set counts = run_query(
        'select count(*), count(case when is_target_purchase then 1 end),'
        ~ ' count(case when is_return then 1 end),'
        ~ ' count(case when quantity = 0 and not is_return then 1 end) from ' ~ sales
    ).rows[0] -%}
    {%- if counts[1] == 0 -%}
        {%- do attrition.stop_for_raw_data([
            'sales: no purchase was accepted. Of the ' ~ counts[0] ~ ' accepted records '
            ~ counts[2] ~ ' are returns, ' ~ counts[3] ~ ' hold no units and '
            ~ (counts[0] - counts[2] - counts[3]) ~ ' are of a product type that the target `'
            ~ attrition.setting('target') ~ '` does not count. Map `quantity`, `is_return` and'
            ~ ' `product_type` in `raw_columns`, or choose another `target`.'
        ]) -%}
    {%- endif -%}
{% endmacro %}
