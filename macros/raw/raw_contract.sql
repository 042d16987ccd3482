{% macro raw_contract() %}
    {#- A column without a default is required; `any_of` asks for one of several. -#}
    {% do return({
        'sales': {
            'columns': {
                'sale_id': {'type': 'text', 'default': 'row'},
                'customer_id': {'type': 'text'},
                'sold_on': {'type': 'date'},
                'product_type': {'type': 'text', 'default': 'consumable'},
                'product_id': {'type': 'text', 'default': none},
                'quantity': {'type': 'number', 'default': none},
                'amount': {'type': 'number', 'default': none},
                'is_return': {'type': 'boolean', 'default': none},
            },
            'any_of': ['quantity', 'amount'],
        },
        'complaint': {
            'columns': {
                'complaint_id': {'type': 'text', 'default': 'row'},
                'customer_id': {'type': 'text'},
                'opened_on': {'type': 'date'},
                'closed_on': {'type': 'date', 'default': none},
                'reason': {'type': 'text', 'default': none},
                'is_harm': {'type': 'boolean', 'default': 'false'},
            },
        },
        'touchpoint': {
            'columns': {
                'touchpoint_id': {'type': 'text', 'default': 'row'},
                'customer_id': {'type': 'text'},
                'occurred_on': {'type': 'date'},
                'direction': {'type': 'text', 'default': 'inbound'},
                'channel': {'type': 'text', 'default': none},
                'has_note': {'type': 'boolean', 'default': 'false'},
            },
        },
        'startright': {
            'columns': {
                'event_id': {'type': 'text', 'default': 'row'},
                'customer_id': {'type': 'text'},
                'occurred_on': {'type': 'date'},
                'event_type': {'type': 'text', 'default': 'enrolled'},
            },
        },
        'warranty': {
            'columns': {
                'warranty_id': {'type': 'text', 'default': 'row'},
                'customer_id': {'type': 'text'},
                'device_serial': {'type': 'text', 'default': none},
                'starts_on': {'type': 'date'},
                'ends_on': {'type': 'date'},
            },
        },
        'demographics': {
            'columns': {
                'customer_id': {'type': 'text'},
                'valid_from': {'type': 'date', 'default': none},
                'birth_date': {'type': 'date', 'default': none},
                'insulin_since': {'type': 'date', 'default': none},
                'region': {'type': 'text', 'default': none},
                'payer_type': {'type': 'text', 'default': none},
                'diagnosis_type': {'type': 'text', 'default': none},
                'is_auto_reorder': {'type': 'boolean', 'default': none},
            },
        },
    }) %}
{% endmacro %}
