// title: Reach without conditions
// question: Which assets does an identity reach within eight moves that are all certain and direct?
// parameter: id id, the id of the identity
// columns: kind, name, id
MATCH (:Entity {id: $id})-[:STATE]->(start:State {entry: true})
MATCH (start) ((:State)-[:MOVE {certainty: 'definite', indirect: false}]->(:State)){1,8} (reached:State)
WHERE NOT reached.capability IN ['HELD', 'DELEGATE']
WITH DISTINCT reached
MATCH (asset:Entity {asset: true})-[:STATE]->(reached)
WHERE asset.id <> $id
RETURN DISTINCT asset.label AS kind, asset.name AS name, asset.id AS id
ORDER BY kind, name, id;
