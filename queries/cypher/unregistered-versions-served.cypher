// title: Unregistered versions in service
// question: Which endpoints serve a model version that belongs to no registered model?
// columns: endpoint, version, id, version_id
MATCH (endpoint:Entity)-[:SERVES]->(version:ModelVersion)
WHERE NOT EXISTS { (version)-[:VERSION_OF]->(:Model) }
RETURN endpoint.name AS endpoint, version.name AS version, endpoint.id AS id, version.id AS version_id
ORDER BY endpoint, version, id, version_id;
