// title: What carries the most
// question: On which statements, entries and memberships do the most grants rest?
// parameter: most number, how many to list
// columns: kind, holder, statement, grants, id
MATCH (revocable:Revocable)<-[:BECAUSE]-(grant:Grant)
RETURN revocable.kind AS kind, revocable.holder AS holder, revocable.statement AS statement, count(DISTINCT grant) AS grants,
       revocable.id AS id
ORDER BY grants DESC, id LIMIT $most;
