// title: Unmanaged assets
// question: Which assets does no stack, state, registry or inventory list?
// columns: kind, assets
MATCH (asset:Entity {asset: true})
WHERE NOT EXISTS { (asset)-[:MANAGED_BY]->(:Entity) }
RETURN asset.label AS kind, count(asset) AS assets
ORDER BY assets DESC, kind;
