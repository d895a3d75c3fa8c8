// title: Workloads that run as administrators
// question: Which notebooks, jobs, functions and endpoints run as an identity that may grant itself everything?
// columns: kind, workload, identity, id
MATCH (workload:Entity {asset: true})-[:RUNS_AS]->(identity:Entity {administrator: true})
RETURN workload.label AS kind, workload.name AS workload, identity.name AS identity, workload.id AS id
ORDER BY kind, workload, id;
