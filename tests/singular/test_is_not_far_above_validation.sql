{{ config(group='attrition', severity='warn') }}

-- Both are honest, so they should not lie far apart. They may: the test has other
-- months, and customers with longer histories. A person has to judge, hence a warning.
{%- set findings %}
    with latest as (

        select
            versions.version_id,
            test.newest_label_date,
            test.roc_auc as test_roc_auc,
            validation.roc_auc as validation_roc_auc,
            row_number() over (
                order by
                    versions.created_at desc,
                    test.newest_label_date desc,
                    versions.version_id asc
            ) as position
        from {{ ref('attrition_model_artefacts') }} as versions
        inner join {{ ref('attrition_model_metrics') }} as test
            on
                versions.version_id = test.version_id
                and test.split = 'test'
        inner join {{ ref('attrition_model_metrics') }} as validation
            on
                versions.version_id = validation.version_id
                and test.newest_label_date = validation.newest_label_date
                and validation.split = 'validation'

    )

    select
        version_id,
        test_roc_auc,
        validation_roc_auc,
        'Version ' || version_id || ' has a ROC AUC of '
        || {{ attrition.number_text('test_roc_auc') }} || ' on test rows and of '
        || {{ attrition.number_text('validation_roc_auc') }} || ' on validation rows.'
        || ' Test customers may have longer histories, or the test easier months; or a'
        || ' feature knows of late snapshots what it cannot know of early ones (see'
        || ' attrition_feature_profile).' as finding
    from latest
    where
        position = 1
        and test_roc_auc > validation_roc_auc + 0.05
{%- endset -%}

{{ attrition.tell_findings(findings) }}

{{ findings }}
