// title: Grants on what is not there yet
// question: Which grants name a set that nothing matches yet?
// columns: holder, how, capability, pattern, grant
MATCH (holder:Entity)-[:HOLDS]->(grant:Grant)-[:ON]->(set:AssetSet)
WHERE NOT EXISTS { (set)-[:COVERS]->(:Entity) }
RETURN holder.name AS holder, grant.how AS how, grant.capability AS capability, set.name AS pattern, grant.id AS grant
ORDER BY holder, how, grant;
