// title: Who can promote a model
// question: Which identities can approve or promote a model or one of its versions within eight moves?
// parameter: id id, the id of the model or model version
// columns: kind, name, id
MATCH (:Entity {id: $id})-[:STATE]->(goal:State {capability: 'PROMOTE'})
MATCH (start:State {entry: true})-[:MOVE*1..8]->(goal)
WITH DISTINCT start
MATCH (identity:Entity)-[:STATE]->(start)
RETURN identity.label AS kind, identity.name AS name, identity.id AS id
ORDER BY kind, name, id;
