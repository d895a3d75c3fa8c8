// title: Conditional grants
// question: Which grants hold only if a condition turns out that way, or a policy could not be read?
// columns: holder, how, capability, conditions, grant
MATCH (holder:Entity)-[:HOLDS]->(grant:Grant {certainty: 'conditional'})
RETURN holder.name AS holder, grant.how AS how, grant.capability AS capability, grant.conditions AS conditions, grant.id AS grant
ORDER BY holder, how, grant;
