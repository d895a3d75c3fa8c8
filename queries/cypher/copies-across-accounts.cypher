// title: Copies in other accounts
// question: Which assets are copies of something in another account?
// columns: kind, copy, origin, id, origin_id
MATCH (copy:Entity)-[:DERIVED_FROM]->(origin:Entity)
WHERE copy.account <> origin.account
RETURN copy.label AS kind, copy.name AS copy, origin.name AS origin, copy.id AS id, origin.id AS origin_id
ORDER BY kind, copy, id, origin_id;
