// title: What was made from an asset
// question: Which models, datasets, indexes and endpoints carry what a dataset holds?
// parameter: id id, the id of the asset
// columns: kind, name, id
MATCH (made:Entity)-[:TRAINED_ON|DERIVED_FROM|STORED_IN|VERSION_OF|VIEW_OF|GROUNDED_ON|SERVES*1..6]->(:Entity {id: $id})
WHERE made.id <> $id
RETURN DISTINCT made.label AS kind, made.name AS name, made.id AS id
ORDER BY kind, name, id;
