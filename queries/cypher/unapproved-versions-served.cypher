// title: Unapproved versions in service
// question: Which endpoints serve a model version that is not approved?
// columns: endpoint, version, approval, id, version_id
MATCH (endpoint:Entity)-[:SERVES]->(version:ModelVersion)
WHERE coalesce(version.approved, false) = false
RETURN endpoint.name AS endpoint, version.name AS version, version.approval AS approval, endpoint.id AS id, version.id AS version_id
ORDER BY endpoint, version, id, version_id;
