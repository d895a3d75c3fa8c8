// title: What everyone reaches
// question: Which assets does everyone on the internet reach within eight moves?
// columns: kind, name, id
MATCH (:Public)-[:STATE]->(start:State {entry: true})
MATCH (start)-[:MOVE*1..8]->(reached:State)
WHERE NOT reached.capability IN ['HELD', 'DELEGATE']
WITH DISTINCT reached
MATCH (asset:Entity {asset: true})-[:STATE]->(reached)
RETURN DISTINCT asset.label AS kind, asset.name AS name, asset.id AS id
ORDER BY kind, name, id;
