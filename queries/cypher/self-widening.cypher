// title: Self-widening grants
// question: Which identities may widen what they themselves hold?
// columns: kind, holder, how, id
MATCH (holder:Entity)-[:HOLDS]->(grant:Grant) WHERE grant.self_widening = true
RETURN DISTINCT holder.label AS kind, holder.name AS holder, grant.how AS how, holder.id AS id
ORDER BY kind, holder, how, id;
