-- A judgement ends the work on a pair, so all that describes it must be there first:
-- depends_on: {{ ref('attrition_model_metrics') }}
-- depends_on: {{ ref('attrition_model_curves') }}
-- depends_on: {{ ref('attrition_confusion_matrix') }}
-- depends_on: {{ ref('attrition_lift') }}
-- depends_on: {{ ref('attrition_baselines') }}
-- depends_on: {{ ref('attrition_profit_curve') }}
-- depends_on: {{ ref('attrition_backtest') }}
-- depends_on: {{ ref('attrition_segment_metrics') }}

{%- set deciding = attrition.deciding_metrics() %}

with pair as (

    select * from {{ ref('int_evaluation__pair') }}

),

metrics as (

    select * from {{ ref('int_evaluation__fair_metrics') }}

),

replicates as (

    select * from {{ ref('int_evaluation__fair_replicates') }}

),

best_baselines as (

    select * from {{ ref('int_evaluation__best_baselines') }}

),

-- a replicate draws the same customers for both, so what makes a draw easy cancels out
gains as (

    select
        challenger.contestant,
        challenger.replicate
        {%- for metric, better in deciding.items() %},
        {{ 'challenger' if better == 'desc' else 'incumbent' }}.{{ metric }}
        - {{ 'incumbent' if better == 'desc' else 'challenger' }}.{{ metric }}
            as {{ metric }}
        {%- endfor %}
    from replicates as challenger
    inner join replicates as incumbent
        on challenger.replicate = incumbent.replicate
    where
        challenger.contestant = 'challenger'
        and incumbent.contestant = 'incumbent'

),

gain_shifts as (

    {{ attrition.bootstrap_shifts('gains', ['contestant'], deciding.keys()) }}

),

metric_shifts as (

    {{ attrition.bootstrap_shifts('replicates', ['contestant'], ['roc_auc']) }}

),

final as (

    select
        pair.*,
        coalesce(challenger.row_count, 0) as row_count,
        coalesce(challenger.attrition_count, 0) as attrition_count,
        challenger.ece as challenger_ece,
        challenger.roc_auc + metric_shifts.roc_auc_lower as challenger_roc_auc_lower,
        challenger.roc_auc + metric_shifts.roc_auc_upper as challenger_roc_auc_upper
        {%- for metric, better in deciding.items() %},
        challenger.{{ metric }} as challenger_{{ metric }},
        incumbent.{{ metric }} as incumbent_{{ metric }},
        {%- for end in ['lower', 'upper'] %}
        {{ '' if better == 'desc' else '-' }}(
            challenger.{{ metric }} - incumbent.{{ metric }}
        ) + gain_shifts.{{ metric }}_{{ end }} as {{ metric }}_gain_{{ end }},
        {%- endfor %}
        best_baselines.{{ metric }}_best_baseline,
        best_baselines.{{ metric }}_best_baseline_value
        {%- endfor %}
    from pair
    cross join best_baselines
    left join metrics as challenger
        on challenger.contestant = 'challenger'
    left join metrics as incumbent
        on incumbent.contestant = 'incumbent'
    left join gain_shifts
        on challenger.contestant = gain_shifts.contestant
    left join metric_shifts
        on challenger.contestant = metric_shifts.contestant

)

select * from final
