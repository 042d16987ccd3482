{% macro deciding_metrics() %}
    {% do return({
        'roc_auc': 'desc',
        'average_precision': 'desc',
        'log_loss': 'asc',
        'brier_score': 'asc',
    }) %}
{% endmacro %}
