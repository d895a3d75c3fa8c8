// title: Shared execution roles
// question: As which identities do several workloads run?
// columns: identity, workloads, kinds, id
MATCH (workload:Entity {asset: true})-[:RUNS_AS]->(identity:Entity)
WITH identity, count(DISTINCT workload) AS workloads, collect(DISTINCT workload.label) AS found WHERE workloads > 1
UNWIND found AS kind WITH identity, workloads, kind ORDER BY kind
RETURN identity.name AS identity, workloads, collect(kind) AS kinds, identity.id AS id
ORDER BY workloads DESC, id;
