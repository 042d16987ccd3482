{% macro check_champion_rows() %}
    {#- Before SQL scores: the rows of the champion are whole and its own, and the dataset has its
        features. A wrong number in silence would be the alternative. -#}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set found -%}
        select
            champion.version_id as champion_version,
            calibration.version_id as version_of_rows,
            (select count(*) from {{ ref('attrition_champion_trees') }}) as node_count,
            (select count(*) from {{ ref('attrition_champion_linear') }}) as term_count,
            (
                select count(distinct column_number)
                from {{ ref('attrition_champion_encoding') }}
            ) as column_count,
            calibration.node_count as nodes_expected,
            calibration.term_count as terms_expected,
            calibration.column_count as columns_expected,
            coalesce({{ attrition.json_length('calibration.knot_margins') }}, 0) as knot_count
        from {{ ref('attrition_champion') }} as champion
        left join {{ ref('attrition_champion_calibration') }} as calibration
            on true
        {%- endset -%}
        {%- for row in run_query(found).rows -%}
            {%- set champion, of_rows = row[0], row[1] -%}
            {%- if of_rows is none -%}
                {%- do exceptions.raise_compiler_error(
                    'score_with sql: the champion ' ~ champion ~ ' has no rows for SQL to score '
                    ~ 'with; ml_champion logs why. Set score_with to library, or promote another.'
                ) -%}
            {%- elif of_rows != champion -%}
                {%- do exceptions.raise_compiler_error(
                    'score_with sql: the champion is ' ~ champion ~ ', and attrition_champion_* '
                    ~ 'hold ' ~ of_rows ~ '. Make its rows once: dbt build --select ml_champion+1.'
                ) -%}
            {%- elif (row[2], row[3], row[4]) != (row[5], row[6], row[7]) -%}
                {%- do exceptions.raise_compiler_error(
                    'score_with sql: of the champion ' ~ champion ~ ' attrition_champion_* hold '
                    ~ row[2] ~ ' nodes, ' ~ row[3] ~ ' terms and ' ~ row[4] ~ ' columns, expected '
                    ~ row[5] ~ ', ' ~ row[6] ~ ' and ' ~ row[7]
                    ~ '. Make them again: dbt build --select ml_champion+1.'
                ) -%}
            {%- elif row[8] > attrition.most_knots() -%}
                {%- do exceptions.raise_compiler_error(
                    'score_with sql: the calibration of ' ~ champion ~ ' has ' ~ row[8]
                    ~ ' knots, and SQL follows ' ~ attrition.most_knots() ~ ' at most. Set '
                    ~ 'score_with to library, or train with calibration: sigmoid.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set wanted -%}
        select distinct feature from {{ ref('attrition_champion_encoding') }} order by feature
        {%- endset -%}
        {%- set missing = [] -%}
        {%- for row in run_query(wanted).rows
            if row[0] not in attrition.dataset_features() -%}
            {%- do missing.append(row[0]) -%}
        {%- endfor -%}
        {%- if missing -%}
            {%- do exceptions.raise_compiler_error(
                'score_with sql: modeling_dataset lacks ' ~ missing | join(', ') ~ ', which the '
                ~ 'champion was trained on. Switch its domain on again (feature_domains), or train '
                ~ 'and promote a version without it.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
