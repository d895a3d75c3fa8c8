// title: Who can call an endpoint
// question: Which identities can call an endpoint, an agent or a function within eight moves?
// parameter: id id, the id of the endpoint, agent or function
// columns: kind, name, id
MATCH (:Entity {id: $id})-[:STATE]->(goal:State {capability: 'INVOKE'})
MATCH (start:State {entry: true})-[:MOVE*1..8]->(goal)
WITH DISTINCT start
MATCH (identity:Entity)-[:STATE]->(start)
RETURN identity.label AS kind, identity.name AS name, identity.id AS id
ORDER BY kind, name, id;
