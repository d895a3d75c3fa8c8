// title: Who reaches an asset
// question: Which identities reach an asset within eight moves by themselves?
// parameter: id id, the id of the asset
// columns: kind, name, id
MATCH (:Entity {id: $id})-[:STATE]->(goal:State)
WHERE NOT goal.capability IN ['HELD', 'DELEGATE']
MATCH (start:State {entry: true})-[:MOVE*1..8]->(goal)
WITH DISTINCT start
MATCH (identity:Entity)-[:STATE]->(start)
WHERE identity.id <> $id
RETURN identity.label AS kind, identity.name AS name, identity.id AS id
ORDER BY kind, name, id;
