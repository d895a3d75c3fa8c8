// title: Trust across accounts
// question: Which roles may be taken on by identities of another account or from outside?
// columns: kind, holder, role, id
MATCH (holder:Entity)-[:HOLDS]->(grant:Grant {how: 'trust'})-[:ON]->(role:Role)
WHERE coalesce(holder.account, '') <> role.account
RETURN holder.label AS kind, holder.name AS holder, role.name AS role, role.id AS id
ORDER BY kind, holder, id;
