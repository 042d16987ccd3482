{% macro bootstrap_weights(relation) -%}
    {#- 200 replicates, 16 to a hash: one for each of its bytes. Replicate 0 draws every
        cluster once. -#}
    with clusters as (

        select distinct cluster_hash from {{ relation }}

    ),

    digests as (

        select
            clusters.cluster_hash,
            blocks.block,
            {{ dbt.hash("clusters.cluster_hash || ':' || blocks.block") }} as digest
        from clusters
        cross join (values {{ attrition.value_rows(0, 12) }}) as blocks (block)

    ),

    drawn as (

        select
            digests.cluster_hash,
            16 * digests.block + places.place as replicate,
            {{ attrition.poisson_weight('substring(digest, 2 * place - 1, 2)') }}
                as weight
        from digests
        cross join (values {{ attrition.value_rows(1, 16) }}) as places (place)

    )

    select cluster_hash, replicate, weight
    from drawn
    where weight > 0 and replicate <= 200
    union all
    select cluster_hash, 0 as replicate, 1 as weight
    from clusters
{%- endmacro %}
