// title: Code in writable places
// question: Which code that workloads run lies in a bucket that many identities reach?
// parameter: identities number, reached by more than so many
// columns: code, place, identities, workloads, id
MATCH (workload:Entity {asset: true})-[:EXECUTES]->(code:Code)-[:STORED_IN]->(place:Dataset)
WHERE place.exposed_to > $identities
RETURN code.name AS code, place.name AS place, place.exposed_to AS identities, count(DISTINCT workload) AS workloads, code.id AS id
ORDER BY identities DESC, id;
