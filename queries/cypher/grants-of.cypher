// title: Grants of an identity
// question: What is granted to an identity itself, to its groups and its classes?
// parameter: id id, the id of the identity
// columns: through, how, capability, certainty, target, id
MATCH (holder:Entity {id: $id})-[:MEMBER_OF|IN_CLASS*0..6]->(through:Entity)
WITH DISTINCT through
MATCH (through)-[:HOLDS]->(grant:Grant)-[:ON]->(target:Entity)
RETURN through.name AS through, grant.how AS how, grant.capability AS capability, grant.certainty AS certainty,
       target.name AS target, target.id AS id
ORDER BY through, how, capability, id;
