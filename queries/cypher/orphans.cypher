// title: Orphaned assets
// question: Which assets belong to somebody who is no longer there?
// columns: kind, name, owner, id
MATCH (asset:Entity {asset: true})-[:OWNED_BY|CREATED_BY]->(owner:Entity)
WHERE owner.present = false OR owner.enabled = false
RETURN DISTINCT asset.label AS kind, asset.name AS name, owner.name AS owner, asset.id AS id
ORDER BY kind, name, id, owner;
