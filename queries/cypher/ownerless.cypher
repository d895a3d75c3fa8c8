// title: Assets without an owner
// question: Which assets have nobody who owns or made them?
// columns: kind, name, account, id
MATCH (asset:Entity {asset: true})
WHERE asset.owner IS NULL AND NOT EXISTS { (asset)-[:OWNED_BY|CREATED_BY]->(:Entity) }
RETURN asset.label AS kind, asset.name AS name, asset.account AS account, asset.id AS id
ORDER BY kind, name, id;
