// title: Why something is granted
// question: On what does each grant of an identity on an asset rest?
// parameter: id id, the id of the identity
// parameter: asset id, the id of the asset
// columns: how, kind, holder, document, statement
MATCH (:Entity {id: $id})-[:MEMBER_OF|IN_CLASS*0..6]->(through:Entity)
WITH DISTINCT through
MATCH (through)-[:HOLDS]->(grant:Grant)-[:ON]->(set:Entity)-[:COVERS*0..1]->(:Entity {id: $asset})
WITH DISTINCT grant
MATCH (grant)-[:BECAUSE]->(revocable:Revocable)
RETURN DISTINCT grant.how AS how, revocable.kind AS kind, revocable.holder AS holder, revocable.document AS document,
       revocable.statement AS statement
ORDER BY how, kind, holder, document, statement;
