{%- set hyperparameters = {
    'eta': 'double',
    'gamma': 'double',
    'max_depth': 'integer',
    'min_child_weight': 'double',
    'reg_alpha': 'double',
    'reg_lambda': 'double',
    'subsample': 'double',
    'colsample_bytree': 'double',
} %}

with versions as (

    select * from {{ ref('attrition_model_artefacts') }}

),

elements as (

    {{ attrition.json_elements(
        'versions',
        ['version_id', 'settings', 'hyperparameters', 'num_round'],
        'trials',
        'element'
    ) }}

),

trials as (

    select
        version_id,
        num_round as version_num_round,
        {{ attrition.json_text('settings', 'optimize') }} as optimize,
        {{ attrition.json_canonical('hyperparameters') }} as version_parameters,
        cast({{ attrition.json_text('element', 'number') }} as integer) as trial,
        {{ attrition.json_text('element', 'state') }} as state,
        cast({{ attrition.json_text('element', 'value') }} as double) as optimised_value,
        cast({{ attrition.json_text('element', 'metrics.auc') }} as double)
            as validation_roc_auc,
        {%- for metric in ['average_precision', 'log_loss', 'f1', 'accuracy'] %}
        cast({{ attrition.json_text('element', 'metrics.' ~ metric) }} as double)
            as validation_{{ metric }},
        {%- endfor %}
        cast({{ attrition.json_text('element', 'num_round') }} as integer) as num_round,
        cast({{ attrition.json_text('element', 'row_count') }} as bigint) as row_count,
        cast({{ attrition.json_text('element', 'duration_seconds') }} as double)
            as duration_seconds,
        {%- for name, type in hyperparameters.items() %}
        cast({{ attrition.json_text('element', 'parameters.' ~ name) }} as {{ type }})
            as {{ name }},
        {%- endfor %}
        {{ attrition.json_canonical(attrition.json_text('element', 'parameters')) }}
            as parameters
    from elements

),

-- the search keeps the first of equal trials; one on all rows stands for that on a sample
ranked as (

    select
        *,
        row_number() over (
            partition by
                version_id,
                state,
                num_round = version_num_round and parameters = version_parameters
            order by coalesce(row_count, 0) desc, trial
        ) as place
    from trials

),

final as (

    select
        version_id,
        trial,
        state,
        state = 'complete'
        and num_round = version_num_round
        and parameters = version_parameters
        and place = 1 as is_best,
        optimize,
        -- the search maximises, so it has the sign of a loss turned
        case when optimize = 'log_loss' then -optimised_value else optimised_value end
            as value,
        validation_roc_auc,
        validation_average_precision,
        validation_log_loss,
        validation_f1,
        validation_accuracy,
        num_round,
        row_count,
        duration_seconds,
        {%- for name in hyperparameters %}
        {{ name }},
        {%- endfor %}
        parameters
    from ranked

)

select * from final
