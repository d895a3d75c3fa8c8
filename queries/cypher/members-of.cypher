// title: Members of a group
// question: Who is in a group, directly or through other groups?
// parameter: id id, the id of the group
// columns: kind, name, id
MATCH (member:Entity)-[:MEMBER_OF*1..6]->(:Entity {id: $id})
RETURN DISTINCT member.label AS kind, member.name AS name, member.id AS id
ORDER BY kind, name, id;
