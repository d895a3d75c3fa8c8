// title: Grants on whole sets
// question: Which grants reach the most assets by a pattern?
// parameter: most number, how many to list
// columns: holder, how, capability, members, grant
MATCH (holder:Entity)-[:HOLDS]->(grant:Grant)-[:ON]->(set:AssetSet)-[:COVERS]->(member:Entity)
WITH holder, grant, count(DISTINCT member) AS members
RETURN holder.name AS holder, grant.how AS how, grant.capability AS capability, members, grant.id AS grant
ORDER BY members DESC, grant, holder LIMIT $most;
