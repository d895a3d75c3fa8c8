// title: Blast radius
// question: Which assets does an identity reach within eight moves, beyond what everyone reaches, and with what capabilities?
// parameter: id id, the id of the identity
// columns: kind, name, capabilities, id
MATCH (:Entity {id: $id})-[:STATE]->(start:State {entry: true})
MATCH (start)-[:MOVE*1..8]->(reached:State)
WHERE NOT reached.capability IN ['HELD', 'DELEGATE']
WITH DISTINCT reached
MATCH (asset:Entity {asset: true})-[:STATE]->(reached)
WHERE asset.id <> $id
WITH asset, reached.capability AS capability ORDER BY capability
RETURN asset.label AS kind, asset.name AS name, collect(capability) AS capabilities, asset.id AS id
ORDER BY kind, name, id;
