// title: Listed but gone
// question: What do records list that is no longer there?
// columns: kind, name, record, id
MATCH (asset:Entity)-[:MANAGED_BY]->(record:Entity)
WHERE asset.present = false
RETURN asset.label AS kind, asset.name AS name, record.name AS record, asset.id AS id
ORDER BY kind, name, record, id;
