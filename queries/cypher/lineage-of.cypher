// title: Lineage of an asset
// question: From what was a model, dataset or index made?
// parameter: id id, the id of the asset
// columns: kind, name, id
MATCH (:Entity {id: $id})-[:TRAINED_ON|DERIVED_FROM|STORED_IN|VERSION_OF|VIEW_OF|GROUNDED_ON|SERVES*1..6]->(origin:Entity)
WHERE origin.id <> $id
RETURN DISTINCT origin.label AS kind, origin.name AS name, origin.id AS id
ORDER BY kind, name, id;
